"""Event ids, read: what they say of an event's place in its source's log."""


def position(event_id):
    """What orders the events of one source: (epoch, commit_lsn, ordinal), of a changed key the delete
    first, and of a snapshot's rows the key."""
    if "/r/" in event_id:
        place, _, key = event_id.rpartition("/r/")
        epoch, commit_lsn = place.rsplit("/", 2)[1:]
        return int(epoch), int(commit_lsn), -1, int(key)
    epoch, commit_lsn, ordinal = event_id.rsplit("/", 3)[1:]
    return int(epoch), int(commit_lsn), int(ordinal.rstrip("d")), not ordinal.endswith("d")
