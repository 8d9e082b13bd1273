"""Real servers, run as processes of their own on loopback."""
