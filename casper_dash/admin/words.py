"""Values as the panel shows them. Pure."""

from datetime import datetime

_THIN_SPACE = "\u2009"
_UNITS = ("B", "KB", "MB", "GB", "TB")


def grouped(number: int) -> str:
    """4 812 330, with thin spaces."""
    return f"{number:,}".replace(",", _THIN_SPACE)


def lasted(seconds: float) -> str:
    """0.4 s, 45 s, 1 min 05 s, 10 min, 1 h 58 min, 3 d 4 h."""
    if 0 < seconds < 1:
        return f"{seconds:.1f} s"
    whole = max(int(seconds), 0)
    minutes, hours = whole // 60, whole // 3600
    if minutes < 1:
        return f"{whole} s"
    if hours < 1:
        return f"{minutes} min {whole % 60:02} s" if whole % 60 else f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60:02} min" if minutes % 60 else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h"


def passed(since: datetime, now: datetime) -> str:
    """How long ago, without the word."""
    return lasted((now - since).total_seconds())


def bytes_text(size: int) -> str:
    """4.1 GB, in powers of 1000; one digit after the point below ten."""
    power = 0
    while power < len(_UNITS) - 1 and round(size / 1000**power) >= 1000:
        power += 1
    value = size / 1000**power
    decimals = 1 if power and value < 9.95 else 0
    return f"{value:.{decimals}f}{_THIN_SPACE}{_UNITS[power]}"


def iso(time: datetime | None) -> str:
    """RFC 3339 for the browser's own formats; "" for none."""
    return "" if time is None else time.isoformat()
