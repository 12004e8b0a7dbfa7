"""Pinhole cameras."""

import numpy as np


class Camera:
    """Pixel centres at + 0.5, y down in the picture, z-depth along the optical axis."""

    def __init__(self, width, height, view_degrees, position, pitch=0.0, yaw=0.0, roll=0.0):
        """`view_degrees` spans the long side; all angles in degrees; positive pitch looks down, yaw right."""
        self.width, self.height = width, height
        self.focal_px = max(width, height) / 2 / np.tan(np.radians(view_degrees) / 2)
        self.position = np.asarray(position, np.float32)
        self.pitch = pitch
        p, w, r = np.radians([pitch, yaw, roll])
        # Camera axes (x right, y down, z forward) level and looking along z; then tilted, then turned.
        level = np.array([[np.cos(r), -np.sin(r), 0], [-np.sin(r), -np.cos(r), 0], [0, 0, 1]])
        tilted = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
        turned = np.array([[np.cos(w), 0, np.sin(w)], [0, 1, 0], [-np.sin(w), 0, np.cos(w)]])
        self.world_from_camera = (turned @ tilted @ level).astype(np.float32)

    def rays(self):
        """World directions, 3 x (H * W), of z-depth 1: a point at z-depth t is position + t * direction."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / self.focal_px
        y = (np.arange(self.height, dtype=np.float32) + 0.5 - self.height / 2) / self.focal_px
        grid = np.empty((3, self.height, self.width), np.float32)
        grid[0], grid[1], grid[2] = x[None, :], y[:, None], 1
        return self.world_from_camera @ grid.reshape(3, -1)

    def moved(self, right, down, forward):
        """The same camera elsewhere, moved along its own axes."""
        other = object.__new__(Camera)
        other.__dict__.update(self.__dict__)
        step = np.array([right, down, forward], np.float32)
        other.position = self.position + self.world_from_camera @ step
        return other

    def windows(self, corners):
        """For N x 8 x 3 world corners the pixel windows (top, bottom, left, right) that hold them, N x 4."""
        local = (corners - self.position) @ self.world_from_camera
        z = local[..., 2]
        near = np.maximum(z, 0.02)
        u = local[..., 0] / near * self.focal_px + self.width / 2
        v = local[..., 1] / near * self.focal_px + self.height / 2
        windows = np.stack(
            [np.floor(v.min(1)), np.ceil(v.max(1)) + 1, np.floor(u.min(1)), np.ceil(u.max(1)) + 1], 1
        )
        crossing = (z.min(1) < 0.05) & (z.max(1) > 0.02)
        windows[crossing] = 0, self.height, 0, self.width
        windows[z.max(1) <= 0.02] = 0
        limits = [self.height, self.height, self.width, self.width]
        return np.clip(windows, 0, limits).astype(np.int32)

    def point(self, u, v, z):
        """The world point at pixel fractions u, v (0..1) and z-depth."""
        x = (u - 0.5) * self.width / self.focal_px
        y = (v - 0.5) * self.height / self.focal_px
        return self.position + self.world_from_camera @ (np.array([x, y, 1], np.float32) * np.float32(z))
