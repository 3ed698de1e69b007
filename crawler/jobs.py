"""The timetable: which job when, nothing else. The app runs it, and so does `crawler run`."""

from apscheduler.schedulers.background import BackgroundScheduler

from crawler.workers import Workers

_WATCH_S = 2


def timetable(workers: Workers) -> BackgroundScheduler:
    """A scheduler with every job on it, not started yet."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(workers.watch, "interval", seconds=_WATCH_S, id="watch-workers")
    return scheduler
