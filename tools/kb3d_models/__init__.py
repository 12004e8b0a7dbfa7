"""Networks that others have published, brought into the form that libkb3d runs: TorchScript and a manifest.

    python3 -m kb3d_models KIND FILE ... -o OUT.pt
"""
