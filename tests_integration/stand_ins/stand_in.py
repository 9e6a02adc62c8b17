"""What every stand-in is: something that runs from its construction on, until the end of a `with`."""


class StandIn:
    def stop(self):
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
