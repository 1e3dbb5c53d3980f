"""The program that cuts pictures into segments: found on the machine, never shipped with us."""
