"""The generator: the same scene from the same number, and truth that agrees with itself."""

import tempfile
import unittest

import numpy as np

from training.scenes import PERSON, SKY
from training.scenes.builder import Builder
from training.scenes.cache import SceneCache
from training.scenes.camera import Camera
from training.scenes.library import Library
from training.scenes.make import LAYOUTS, make_scene
from training.scenes.people import person
from training.scenes.primitives import Box, Cylinder, Ellipsoid, Ground, turn
from training.scenes.render import cast, render
from training.scenes.scene import Material
from training.scenes.views import CORNERS, render_views

LIBRARY = Library(drawn=12, outlines=3)
SIZE = (64, 48)


class Primitives(unittest.TestCase):
    def hit_middle(self, primitive):
        camera = Camera(9, 9, 60, (0, 1, -4))
        return primitive.hit(camera.position, camera.rays())[40]

    def test_known_distances(self):
        material = Material((1, 1, 1))
        self.assertAlmostEqual(self.hit_middle(Ellipsoid((0, 1, 0), 1, material)), 3, places=4)
        self.assertAlmostEqual(self.hit_middle(Box((0, 1, 0), 0.5, material, turn(90))), 3.5, places=4)
        self.assertAlmostEqual(self.hit_middle(Cylinder((0, 1, 0), (0.5, 1, 0.5), material)), 3.5, places=4)
        self.assertEqual(self.hit_middle(Ground(material)), np.inf)

    def test_looking_down_meets_the_ground(self):
        camera = Camera(9, 9, 60, (0, 1, 0), pitch=45)
        self.assertAlmostEqual(
            Ground(Material((1, 1, 1))).hit(camera.position, camera.rays())[40], np.sqrt(2), places=4
        )

    def test_surfaces_lie_where_rays_end(self):
        camera = Camera(31, 31, 60, (0.2, 1.3, -4), roll=20)
        solid = Ellipsoid((0, 1, 0), (0.5, 1, 0.7), Material((1, 1, 1)), turn(30, 20, 10))
        rays = camera.rays()
        t = solid.hit(camera.position, rays)
        met = np.isfinite(t)
        self.assertGreater(met.sum(), 50)
        point = camera.position[:, None] + rays[:, met] * t[met]
        local = solid.into @ (point - solid.center[:, None])
        np.testing.assert_allclose((local * local).sum(0), 1, atol=1e-3)
        _, normal, _ = solid.surface(camera.position, rays[:, met], t[met])
        self.assertLess((normal * rays[:, met]).sum(0).max(), 1e-3)


class Scenes(unittest.TestCase):
    def test_every_layout_renders_the_same_twice(self):
        for layout in LAYOUTS:
            with self.subTest(layout=layout.__name__):
                pictures = []
                for _ in range(2):
                    build = Builder(np.random.default_rng(5), LIBRARY, *SIZE)
                    layout(build)
                    pictures.append(render(build.scene, build.camera))
                for name in ("color", "inverse_depth", "classes", "instances"):
                    np.testing.assert_array_equal(getattr(pictures[0], name), getattr(pictures[1], name))
                self.assertTrue(np.isfinite(pictures[0].color).all())
                self.assertTrue(np.isfinite(pictures[0].inverse_depth).all())

    def test_order_and_workers_do_not_matter(self):
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            forward, backward = (SceneCache(folder, 3, SIZE, LIBRARY) for folder in (first, second))
            made = [forward.get(k) for k in range(4)]
            for k in (3, 2, 1, 0):
                for own, other in zip(made[k], backward.get(k)):
                    np.testing.assert_array_equal(own, other)
            for own, kept in zip(made[2], forward.get(2)):
                np.testing.assert_array_equal(own, kept)

    def test_sky_is_infinitely_far(self):
        for number in range(40):
            scene, camera = make_scene(LIBRARY, 8, number, SIZE)
            picture = render(scene, camera)
            np.testing.assert_array_equal(picture.classes == SKY, picture.inverse_depth == 0)

    def test_another_camera_sees_the_same_world(self):
        """Points of one view, moved into another, are where that one sees them, or hidden there."""
        scene, camera = make_scene(LIBRARY, 8, 1, SIZE)
        moved = camera.moved(0.05, 0, 0)
        t, _ = cast(scene, camera, camera.rays(), None)
        other = render(scene, moved).inverse_depth
        points = camera.position[:, None] + camera.rays() * t
        local = moved.world_from_camera.T @ (points - moved.position[:, None])
        column = np.floor(local[0] / local[2] * moved.focal_px + moved.width / 2)
        row = np.floor(local[1] / local[2] * moved.focal_px + moved.height / 2)
        inside = np.isfinite(t) & (column >= 0) & (column < moved.width) & (row >= 0) & (row < moved.height)
        seen = other[row[inside].astype(int), column[inside].astype(int)]
        agree = np.abs(seen * local[2][inside] - 1) < 0.1
        self.assertGreater(agree.mean(), 0.85)

    def test_corner_views_differ_by_the_disparity_of_the_depth(self):
        scene, camera = make_scene(LIBRARY, 8, 3, SIZE)
        views = render_views(scene, camera, disparity_px=6)
        self.assertEqual(set(views), {"front", "ahead", *CORNERS})
        left, seen, _ = views["tl"]
        right, other, _ = views["tr"]
        base = np.linalg.norm(right.position - left.position)
        column = np.arange(SIZE[0])[None] + 0.5 - left.focal_px * base * seen.inverse_depth
        inside = (column >= 0) & (column < SIZE[0]) & (seen.inverse_depth > 0)
        rows = np.broadcast_to(np.arange(SIZE[1])[:, None], column.shape)
        met = other.inverse_depth[rows[inside], column[inside].astype(int)]
        agree = np.abs(met / seen.inverse_depth[inside] - 1) < 0.1
        self.assertGreater(agree.mean(), 0.85)
        self.assertLess(float((left.focal_px * base * np.quantile(views["front"][1].inverse_depth, 0.995))), 6.01)

    def test_what_is_behind_is_never_nearer(self):
        for number in range(6):
            scene, camera = make_scene(LIBRARY, 8, number, SIZE)
            for _, seen, behind in render_views(scene, camera, disparity_px=4).values():
                self.assertLessEqual((behind.inverse_depth - seen.inverse_depth).max(), 1e-5)

    def test_behind_a_person_is_what_was_there(self):
        def scene_with(people):
            build = Builder(np.random.default_rng(2), LIBRARY, *SIZE)
            build.add(Ground(build.material()))
            if people:
                person(build, 0, 4)
            return build.scene

        camera = Camera(*SIZE, 50, (0, 1.2, 0))
        full, empty = render(scene_with(True), camera), render(scene_with(False), camera)
        self.assertGreater((full.classes == PERSON).sum(), 50)
        behind = render(scene_with(True), camera, behind=full.instances)
        hidden = full.classes == PERSON
        np.testing.assert_array_equal(behind.inverse_depth[hidden], empty.inverse_depth[hidden])


if __name__ == "__main__":
    unittest.main()
