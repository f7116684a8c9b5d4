"""Measure spinal balance on whole-spine radiographs.

The conventions, stated once:

- Pixels: x = column, y = row, (0, 0) = the centre of the first pixel of the stored image.
- Spacing: millimetres per pixel, row first, as in DICOM.
- Plane: millimetres, y up; x anterior on a lateral film, to the patient's right on a frontal film.
- Angles: degrees. Lengths: millimetres.
"""

__version__ = "0.1.0"
