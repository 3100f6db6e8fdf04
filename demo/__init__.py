"""Stories that show Umpire at work, on a server whose time is set by hand."""
