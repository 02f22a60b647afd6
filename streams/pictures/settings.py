"""Settings of picture reading."""

from typing import Annotated

from pydantic import Field

from models.values import Value


class PictureSettings(Value):
    """How pictures are decoded and hashed, in child processes with limits of their own."""

    children: Annotated[int, Field(ge=1, le=64, description="Decoding processes that one reader may run at once")] = 1
    max_bytes: Annotated[int, Field(ge=1, description="Largest picture file, in bytes")] = 8 * 1024 * 1024
    max_pixels: Annotated[int, Field(ge=1, description="Largest picture, width times height, in pixels")] = 40_000_000
    memory_bytes: Annotated[
        int, Field(ge=64 * 1024 * 1024, description="Address space a decoding process may add to its own, in bytes")
    ] = 768 * 1024 * 1024
    cpu_s: Annotated[int, Field(ge=1, description="Processor time for one picture, in seconds")] = 4
    wait_s: Annotated[float, Field(gt=0, description="Time waited for one picture, in seconds")] = 15.0
    word_children: Annotated[
        int, Field(ge=1, le=64, description="Processes that read words and codes which one reader may run at once")
    ] = 2
    word_threads: Annotated[
        int, Field(ge=1, le=64, description="Threads of each process that reads words and codes")
    ] = 1
    word_memory_bytes: Annotated[
        int,
        Field(
            ge=256 * 1024 * 1024,
            description="Address space that a process which reads words may add to its own with the models, in bytes",
        ),
    ] = 1536 * 1024 * 1024
    word_cpu_s: Annotated[
        int, Field(ge=1, description="Processor time for one picture whose words and codes are read, in seconds")
    ] = 20
    fetch_threads: Annotated[int, Field(ge=1, le=64, description="Pictures fetched over the network at once")] = 8
