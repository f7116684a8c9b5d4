"""The columns of the CSV format, and where their values stand in a landmark document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "whole", "yes_no"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, where its value stands in the document or point, and its kind."""

    name: str
    path: tuple[str, ...]
    kind: Kind = "text"


POINT_COLUMNS: tuple[Column, ...] = (
    Column("x", ("x",), "number"),
    Column("y", ("y",), "number"),
    Column("radius", ("radius",), "number"),
    Column("sd_px", ("sd_px",), "number"),
    Column("cov_xx", ("cov_px", "0"), "number"),
    Column("cov_xy", ("cov_px", "1"), "number"),
    Column("cov_yy", ("cov_px", "2"), "number"),
    Column("confirmed", ("confirmed",), "yes_no"),
    Column("confidence", ("confidence",), "number"),
    Column("source", ("source",)),
)

DOCUMENT_COLUMNS: tuple[Column, ...] = (
    Column("facing", ("facing",)),
    Column("patient_right", ("patient_right",)),
    Column("row_mm", ("spacing_mm", "row"), "number"),
    Column("column_mm", ("spacing_mm", "column"), "number"),
    Column("scale_source", ("spacing_mm", "source")),
    Column("scale_plane", ("spacing_mm", "plane")),
    Column("scale_sd_percent", ("spacing_mm", "sd_percent"), "number"),
    Column("case", ("case",)),
    Column("subject", ("patient", "id")),
    Column("age_years", ("patient", "age_years"), "number"),
    Column("sex", ("patient", "sex")),
    Column("acquired", ("acquired",)),
    Column("position", ("acquisition", "position")),
    Column("arms", ("acquisition", "arms")),
    Column("knees", ("acquisition", "knees")),
    Column("system", ("acquisition", "system")),
    Column("thoracic", ("vertebrae", "thoracic"), "whole"),
    Column("lumbar", ("vertebrae", "lumbar"), "whole"),
    Column("counted_from", ("vertebrae", "counted_from")),
    Column("uiv", ("fusion", "uiv")),
    Column("liv", ("fusion", "liv")),
    Column("surgery", ("surgery",)),
    Column("vertical_x1", ("vertical", "0", "0"), "number"),
    Column("vertical_y1", ("vertical", "0", "1"), "number"),
    Column("vertical_x2", ("vertical", "1", "0"), "number"),
    Column("vertical_y2", ("vertical", "1", "1"), "number"),
    Column("image_file", ("image", "file")),
    Column("image_rows", ("image", "rows"), "whole"),
    Column("image_columns", ("image", "columns"), "whole"),
    Column("sop_instance_uid", ("image", "sop_instance_uid")),
    Column("study_instance_uid", ("image", "study_instance_uid")),
    Column("pixel_sha256", ("image", "pixel_sha256")),
    Column("reader", ("reader",)),
    Column("created", ("created",)),
    Column("software", ("software",)),
)
