"""Sound in, measurements out: level, muting, voice. Samples only, no devices, no files."""

from proctor_engine.audio.listener import Listener

__all__ = ["Listener"]
