"""What cannot be converted, in one sentence."""


class Refused(Exception):
    pass
