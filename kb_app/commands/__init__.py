"""What the commands of the program do, and what they print."""
