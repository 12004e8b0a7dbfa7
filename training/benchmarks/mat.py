"""MATLAB's files of before 7.3."""

from training.depth_files import BadFile, need


def read_mat(path, name):
    try:
        return need("scipy.io").io.loadmat(path)[name]
    except KeyError:
        raise BadFile("%s: holds no %s" % (path, name))
    # What a broken file makes it raise is of many kinds.
    except Exception as error:
        raise BadFile("%s: %s" % (path, error))
