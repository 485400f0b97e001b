"""Long work of scheduled actions, a piece and a commit at a time."""


def work_off(records, is_waiting, work, fail):
    """Work on records, one after another, until each is done or the job's time is over.

    What is committed stays when the server is killed; one that fails keeps nobody waiting.

    :param is_waiting: of a record, whether a piece of it is still to be done
    :param work: does the next piece of a record
    :param fail: is called with a record and its error, outside of what was rolled back; the error
        is being handled
    """
    cron = records.env["ir.cron"]
    seconds_left = cron._commit_progress(remaining=len(records))
    for record in records:
        while is_waiting(record):
            if not seconds_left:
                return
            try:
                work(record)
            except Exception as error:
                records.env.cr.rollback()
                fail(record, error)
            seconds_left = cron._commit_progress()
        seconds_left = cron._commit_progress(1)
