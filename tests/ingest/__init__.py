"""Moving pictures, with a real ffmpeg that sends and a real process that takes."""
