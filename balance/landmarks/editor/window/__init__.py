"""The window of the landmark editor: draws a session and forwards mouse and keys to it."""
