"""The house stands: imports only go down, no circle, third-party packages only in their rooms."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "balance"

FLOORS = (
    # ground floor: words and shapes
    ("errors", "geometry", "references", "radiograph"),
    ("anatomy", "calibration", "greylevels", "jpeg_plugin", "rle_plugin", "attributes", "writing"),
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
    ("landmarks.film_evidence",),
    ("landmarks.head_circles", "landmarks.plate_profiles"),
    ("landmarks.heads", "landmarks.plate_edges"),
    ("landmarks.plate_solution",),
    ("landmarks.plate_search",),
    ("landmarks.snap",),
    ("landmarks.reader_noise",),
    ("landmarks.files",),
    # the lateral shape prior
    ("landmarks.shape_chain", "landmarks.shape_tables"),
    ("landmarks.shape_components", "landmarks.shape_training"),
    ("landmarks.shape_rounds",),
    ("landmarks.shape",),
    ("landmarks.conditioning",),
    ("landmarks.mislabel", "landmarks.plate_readings"),
    ("landmarks.film_doubts",),
    # the frontal shape prior and what it proposes
    ("landmarks.frontal_tables",),
    ("landmarks.frontal_chain",),
    ("landmarks.frontal_shape",),
    ("landmarks.frontal_fit",),
    ("landmarks.frontal_document", "landmarks.frontal_doubts", "landmarks.frontal_plates"),
    ("landmarks.frontal_walls",),
    ("landmarks.frontal_proposals",),
    ("examination", "companion"),
    ("walk",),
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
    # which click would narrow the values most
    ("landmarks.next_click",),
    # citations
    ("assessment.model",),
    ("assessment.cuts", "assessment.thresholds"),
    ("assessment.gap", "assessment.roussouly"),
    ("assessment.schemes",),
    ("assessment.assess",),
    # what is proposed from clicks and film
    ("landmarks.proposals",),
    # what might be done: landmarks and a plan give landmarks
    ("planning.procedures",),
    ("planning.bounds", "planning.plan"),
    ("planning.conflicts", "planning.targets"),
    ("planning.scenarios", "planning.turning"),
    ("planning.columns", "planning.coronal", "planning.outcome", "planning.rod"),
    ("planning.segments",),
    ("planning.search_space",),
    ("planning.search_allowed", "planning.search_block"),
    ("planning.search_room",),
    ("planning.doubts", "planning.files", "planning.search"),
    ("planning.planned",),
    ("planning.request",),
    # the whole program on one page
    ("analysis",),
    ("inputs",),
    # many readings, many films
    ("study.bland_altman", "study.change", "study.kappa", "study.reliability", "study.rigid"),
    ("study.curve_change", "study.junction", "study.motion", "study.readings", "study.timepoints"),
    ("study.compare", "study.counting", "study.point_noise"),
    ("study.agree",),
    ("study.clicks", "study.comparison", "study.mid_bodies"),
    ("study.accuracy", "study.evaluate", "study.evaluation_text"),
    # constructed truth: may look at the ground floor only, see below
    ("phantom",),
    # what is shown
    ("report",),
    ("study.agree_rows", "study.agree_record", "study.compare_record", "study.compare_table"),
    ("study.agree_page", "study.agree_plots", "study.agree_table"),
    ("batch",),
    # the landmark editor: what is asked and what an action changes; the window draws it
    ("landmarks.editor.covariance", "landmarks.editor.regions"),
    ("landmarks.editor.events", "landmarks.editor.protocols"),
    ("landmarks.editor.content", "landmarks.editor.own_protocol"),
    ("landmarks.editor.state",),
    ("landmarks.editor.edits", "landmarks.editor.expected", "landmarks.editor.lines"),
    ("landmarks.editor.answers", "landmarks.editor.proposals", "landmarks.editor.saving"),
    (
        "landmarks.editor.fitted_heads",
        "landmarks.editor.fitting",
        "landmarks.editor.journal",
        "landmarks.editor.worklist",
    ),
    ("landmarks.editor.transitions",),
    ("landmarks.editor.resume",),
    ("landmarks.editor.session",),
    ("landmarks.editor.opening",),
    ("landmarks.editor.keystrokes", "landmarks.editor.prior", "landmarks.editor.repeat"),
    ("landmarks.editor.head_search", "landmarks.editor.search"),
    ("landmarks.editor.constructions", "landmarks.editor.live"),
    ("landmarks.editor.notices",),
    # a plan made on the film: above the planner and what measures a film
    ("landmarks.editor.plan_events",),
    ("landmarks.editor.plan_state",),
    ("landmarks.editor.plan_outcome",),
    ("landmarks.editor.plan_sitting",),
    ("landmarks.editor.window",),
    ("documentation_plans", "drawings"),
    ("documentation",),
    ("commands",),
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
    "imagecodecs": ("batch.thumbnails", "jpeg_plugin", "rle_plugin", "raster", "phantom"),
    "jpeg_ls": ("phantom",),
    "openjpeg": ("phantom",),
    "matplotlib": (
        "landmarks.editor.window",
        "report",
        "study.agree_page",
        "study.agree_plots",
    ),
    "cv2": (
        "landmarks.editor.window",
        "decoding",
        "display",
        "landmarks.film_evidence",
        "landmarks.head_circles",
        "landmarks.plate_edges",
        "landmarks.plate_profiles",
        "phantom",
        "report",
        "shutters",
    ),
    "tifffile": ("raster",),
    "skimage": ("display", "phantom", "report"),
    "scipy": (
        "metrics",
        "assessment",
        "phantom",
        "landmarks",
        "planning.search_room",
        "study",
    ),
    "pydantic": ("landmarks.schema", "landmarks.files", "landmarks.reader_noise", "planning.files"),
    "typer": ("cli", "commands"),
    "jinja2": ("batch.page", "report.page_html"),
    "typst": ("report.page_pdf", "report.system_fonts"),
    "yaml": ("report.fields",),
    "markupsafe": ("batch.page",),
    "pyarrow": ("batch.parquet",),
    "xlsxwriter": ("batch.workbook",),
    "distributed": ("batch.cluster",),
    "rich": (
        "batch.command",
        "batch.progress",
        "batch.run",
        "report",
        "study.agree_table",
        "study.compare_table",
    ),
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
