"""What tells a flood from a crowd. Every layer can only hold a signature, never tell the sender which one did."""
