"""The stories that show Umpire at work, on a server whose time is moved by hand."""
