"""Language model servers: a catalogue of models, the engines that run them, and how they are started."""
