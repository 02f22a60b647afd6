"""Why a picture could not be read, in the words that an officer sees: Chinese first, English beside it."""

from typing import Any

FAILURES: dict[str, tuple[str, str]] = {
    "empty": ("图片文件为空", "the picture file is empty"),
    "file-too-large": ("图片文件超过 {limit} 字节", "the picture file is larger than {limit} bytes"),
    "not-a-picture": (
        "文件内容不是 JPEG、PNG、WebP 或 GIF 图片",
        "the content is not a JPEG, PNG, WebP or GIF picture",
    ),
    "two-faced": (
        "图片文件同时是另一种文件（{other}），不予读取",
        "the picture file is at the same time something else ({other}) and is not read",
    ),
    "too-many-pixels": (
        "图片尺寸 {width}×{height} 超过 {limit} 像素",
        "the picture of {width}×{height} has more than {limit} pixels",
    ),
    "large-frame": (
        "图片内含超过 {limit} 像素的画面",
        "the picture holds a frame of more than {limit} pixels",
    ),
    "too-many-frames": (
        "图片含 {frames} 帧，超过 {limit} 帧",
        "the picture has {frames} frames, more than {limit}",
    ),
    "damaged": ("图片损坏或不完整", "the picture is damaged or incomplete"),
    "too-much-memory": ("解码该图片所需内存超过限制", "decoding the picture takes more memory than allowed"),
    "too-long": ("解码该图片超过时间限制", "decoding the picture takes longer than allowed"),
    "decoder-died": ("解码进程在读取该图片时异常终止", "the decoding process died of this picture"),
    "not-fetched": ("图片未能获取：{reason}", "the picture could not be fetched: {reason}"),
    "outside": (
        "图片路径超出文件所在目录，不予读取",
        "the picture's path leads out of the folder and is not read",
    ),
    "no-folder": ("相对路径没有所属目录", "a relative path without the folder that it belongs to"),
    "no-file": ("找不到图片文件", "there is no such picture file"),
    "not-a-file": ("路径所指不是普通文件", "the path is not that of a regular file"),
}


def sentence(failure: str, **values: Any) -> str:
    """The words for a failure: `中文 / English`."""
    chinese, english = FAILURES[failure]
    return f"{chinese.format_map(values)} / {english.format_map(values)}"
