"""The house stands: imports only go down, no circle, third-party packages only in their rooms."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "balance"

FLOORS = (
    # ground floor: words and shapes
    ("errors", "geometry", "references", "radiograph", "writing"),
    ("anatomy", "calibration", "greylevels", "jpeg_plugin", "rle_plugin", "attributes"),
    # a film, as it is read and as it is seen
    ("greytables", "fiducial"),
    ("header",),
    ("decoding",),
    ("shutters",),
    ("dicom_file",),
    ("dicom",),
    ("raster",),
    ("film",),
    ("display", "seams", "isolation"),
    ("inspection",),
    # evidence
    ("landmarks.model", "landmarks.schema"),
    ("landmarks.checks", "landmarks.noise"),
    ("landmarks.files",),
    ("examination", "companion"),
    ("exchange.content", "exchange.csv_columns", "exchange.names"),
    ("exchange.draft",),
    ("exchange.aasce", "exchange.coco", "exchange.csv_points", "exchange.slicer"),
    ("exchange.formats",),
    # formulas
    ("metrics.sites",),
    ("metrics.model",),
    ("metrics.pelvis", "metrics.transitional"),
    ("metrics.regional",),
    ("metrics.alignment", "metrics.cervical", "metrics.segmental"),
    ("metrics.coronal",),
    ("metrics.curves",),
    ("metrics.catalogue",),
    # citations
    ("assessment.model",),
    ("assessment.cuts", "assessment.thresholds"),
    ("assessment.gap", "assessment.roussouly"),
    ("assessment.schemes",),
    ("assessment.assess",),
    # what might be done: landmarks and a plan give landmarks
    ("planning.procedures",),
    ("planning.plan", "planning.targets"),
    ("planning.scenarios", "planning.turning"),
    ("planning.columns", "planning.outcome"),
    ("planning.search",),
    # the whole program on one page
    ("analysis",),
    # constructed truth: may look at the ground floor only, see below
    ("phantom",),
    # what is shown
    ("report",),
    ("drawings",),
    ("documentation",),
    ("cli",),
)

ROOMS = {
    "pydicom": (
        "attributes",
        "decoding",
        "dicom",
        "dicom_file",
        "greytables",
        "header",
        "jpeg_plugin",
        "phantom",
        "rle_plugin",
        "shutters",
    ),
    "imagecodecs": ("jpeg_plugin", "rle_plugin", "raster", "phantom"),
    "jpeg_ls": ("phantom",),
    "openjpeg": ("phantom",),
    "matplotlib": ("report",),
    "cv2": ("display", "decoding", "shutters", "phantom", "report"),
    "tifffile": ("raster",),
    "skimage": ("display", "phantom", "report"),
    "scipy": ("metrics", "assessment", "phantom", "landmarks"),
    "pydantic": ("landmarks.schema", "landmarks.files"),
    "typer": ("cli",),
    "rich": ("report", "cli"),
}
"""Where each third-party package may be imported; numpy may be used everywhere."""

NEVER_IN_THE_PHANTOM = ("balance.metrics", "balance.assessment", "balance.landmarks")


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in sorted(ROOT.rglob("*.py"))
        if path.name != "__init__.py"
    }


def imports(path: Path) -> set[str]:
    """Every module that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


def floor_of(module: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if any(module == room or module.startswith(room + ".") for room in rooms):
            return number
    raise AssertionError(f"balance.{module} has no floor in tests/test_layers.py")


def own_imports(path: Path) -> set[str]:
    return {
        name.removeprefix("balance.")
        for name in imports(path)
        if name.startswith("balance.") or name == "balance"
    } - {"balance"}


@pytest.mark.parametrize("module", modules())
def test_imports_only_go_down(module):
    for other in own_imports(modules()[module]):
        here, there = floor_of(module), floor_of(other)
        same_room = module.split(".")[0] == other.split(".")[0] and here == there
        assert there < here or same_room, f"balance.{module} imports balance.{other} above it"


def test_no_circle():
    graph = {module: own_imports(path) & modules().keys() for module, path in modules().items()}
    remaining = dict(graph)
    while remaining:
        free = [name for name, needs in remaining.items() if not needs & remaining.keys()]
        assert free, f"a circle among {sorted(remaining)}"
        for name in free:
            del remaining[name]


def test_no_module_imports_a_package_root():
    folders = {path.parent.name for path in ROOT.rglob("__init__.py")} - {"balance"}
    for module, path in modules().items():
        named = own_imports(path) & folders
        assert not named, f"balance.{module} imports the folder {named}, not a module in it"


@pytest.mark.parametrize("package", ROOMS)
def test_third_party_packages_stay_in_their_rooms(package):
    for module, path in modules().items():
        used = any(name.split(".")[0] == package for name in imports(path))
        allowed = any(module == room or module.startswith(room + ".") for room in ROOMS[package])
        assert allowed or not used, f"balance.{module} must not import {package}"


def test_the_phantom_never_calls_the_code_that_it_judges():
    for module, path in modules().items():
        if module.startswith("phantom"):
            judged = [name for name in imports(path) if name.startswith(NEVER_IN_THE_PHANTOM)]
            assert not judged, f"balance.{module} imports {judged}"


def test_every_floor_names_a_room_that_exists():
    present = modules()
    for rooms in FLOORS:
        for room in rooms:
            assert any(name == room or name.startswith(room + ".") for name in present), room


def test_no_god_folders():
    forbidden = {"utils", "util", "helpers", "common", "misc"}
    assert not {part for name in modules() for part in name.split(".")} & forbidden


def test_the_top_level_script_only_calls_the_package():
    text = (ROOT.parent / "cli.py").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) <= 4
