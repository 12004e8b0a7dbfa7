"""The refinement network of Improved 3D Ken Burns: the same without shortcuts, and free to answer below zero."""

from .refine import Refine


class ImprovedRefine(Refine):
    HAS_SHORTCUTS, LEAST = False, float("-inf")
