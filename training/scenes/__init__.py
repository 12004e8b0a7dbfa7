"""Scenes with exact truth: primitives in a world, seen by any camera.

World: metres, x right, y up, z forward; the ground is y = 0. A scene is a list of primitives with materials and
classes (layouts/, objects.py), nothing of it depends on the camera; render.py casts one ray through each pixel.
"""

CLASSES = ("rest", "person", "animal", "vehicle", "sky")
REST, PERSON, ANIMAL, VEHICLE, SKY = range(5)
