#!/usr/bin/env python3
"""Writes tests/data/images/more with Pillow (13): first inputs of the fuzz targets, and pictures to open by hand."""
import pathlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 61, 45


def main():
    folder = pathlib.Path(__file__).parent / "images" / "more"
    folder.mkdir(exist_ok=True)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = np.stack([x * 4 % 256, y * 5 % 256, (x * 7 + y * 13) % 256], -1).astype(np.uint8)
    rgb = Image.fromarray(pixels)
    rgba = Image.fromarray(np.dstack([pixels, ((x * 9 + y * 3) % 256).astype(np.uint8)]))
    palette, black = rgb.quantize(200), rgb.convert("1")
    turned = Image.Exif()
    turned[0x112] = 6

    def save(image, name, **options):
        image.save(folder / name, **options)

    save(rgba, "w-rgba-ll.webp", lossless=True, exact=True)
    save(rgba, "w-rgba-q.webp", quality=80)
    save(rgba, "w-anim.webp", save_all=True, append_images=[rgba.transpose(0)], lossless=True, exact=True)
    save(rgb, "w-exif6.webp", lossless=True, exif=turned)
    save(rgba, "a-rgba.avif", quality=90)
    save(rgb.convert("L"), "a-l.avif", quality=90)
    save(rgb, "a-anim.avif", save_all=True, append_images=[rgb.transpose(0)])
    save(rgb, "a-exif6.avif", quality=95, exif=turned)
    save(rgb, "t-rgb-tiff_lzw.tif", compression="tiff_lzw")
    save(rgb.convert("CMYK"), "t-cmyk-None.tif")
    save(palette, "t-p-None.tif")
    save(rgb, "t-rgb-jpeg.tif", compression="jpeg")
    save(black, "t-1-group4.tif", compression="group4")
    save(rgb, "t-exif6.tif", tiffinfo={274: 6})
    save(palette, "g.gif")
    save(palette, "g-i.gif", interlace=1)
    save(palette, "g-anim.gif", save_all=True, append_images=[palette.transpose(0)], duration=100)
    save(rgb.quantize(16), "b-p16.bmp")
    save(rgba, "b-rgba.bmp")
    save(black, "b-1.bmp")


if __name__ == "__main__":
    main()
