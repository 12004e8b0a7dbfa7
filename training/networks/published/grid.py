"""A GridNet of four columns: rows are scales, features go down through two columns and up through two.

Residual Conv-Deconv Grid Network for Semantic Segmentation (Fourure et al., 2017), with bilinear doublings in place of
transposed convolutions, as in Context-aware Synthesis for Video Frame Interpolation (Niklaus, Liu, 2018).
"""

from torch import nn

from .blocks import Down, Lateral, Up, cut_to


class Grid(nn.Module):
    """`widths`: channels of the rows. Its parts lie in the network itself: their names are those of the weights."""

    COLUMNS = 4

    def __init__(self, widths, lateral=Lateral, down=Down, up=Up):
        super().__init__()
        self.rows = len(widths)
        for row, width in enumerate(widths):
            for column in range(self.COLUMNS - 1):
                self.add_module(self.edge(row, column, row, column + 1), lateral(width))
        for row in range(self.rows - 1):
            for column in (0, 1):
                self.add_module(self.edge(row, column, row + 1, column), down(widths[row], widths[row + 1]))
            for column in (2, 3):
                self.add_module(self.edge(row + 1, column, row, column), up(widths[row + 1], widths[row]))

    @staticmethod
    def edge(row, column, to_row, to_column):
        return "%dx%d - %dx%d" % (row, column, to_row, to_column)

    def go(self, row, column, to_row, to_column):
        return getattr(self, self.edge(row, column, to_row, to_column))

    def add(self, one, two):
        return one + cut_to(two, one)

    def through(self, x, beside=None):
        """The first row's map to the last column's; `beside`: row to what is added to it in the first column."""
        maps = [x]
        for row in range(1, self.rows):
            x = self.go(row - 1, 0, row, 0)(x)
            if beside and row in beside:
                x = self.add(x, beside[row])
            maps.append(x)
        for row in range(self.rows):
            maps[row] = self.go(row, 0, row, 1)(maps[row])
            if row:
                maps[row] = self.add(maps[row], self.go(row - 1, 1, row, 1)(maps[row - 1]))
        for column in (2, 3):
            for row in reversed(range(self.rows)):
                maps[row] = self.go(row, column - 1, row, column)(maps[row])
                if row < self.rows - 1:
                    maps[row] = self.add(maps[row], self.go(row + 1, column, row, column)(maps[row + 1]))
        return maps[0]
