"""What can be wrong with a question about curvature."""


class CurvatureError(ValueError):
    """The question cannot be answered; the message holds the value given, what is allowed and the way out."""
