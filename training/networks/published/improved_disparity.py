"""The disparity network of Improved 3D Ken Burns: the same, free to answer below zero; a constant is added afterwards."""

from .disparity import Disparity


class ImprovedDisparity(Disparity):
    LEAST = float("-inf")
