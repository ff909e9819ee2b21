"""Digits of many numbers at once: eight bytes are one machine word, the first byte the lowest."""

from __future__ import annotations

import numpy as np

MASKS = np.array([(1 << (8 * size)) - 1 for size in range(9)], np.uint64)  # of the first bytes of a word


def is_digit(byte: np.ndarray) -> np.ndarray:
    """Return whether each byte is a digit."""
    return (byte >= ord("0")) & (byte <= ord("9"))


def all_digits(words: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Whether the last bytes of eight, those that count, are all digits; the others are zero."""
    filled = MASKS[8] << (8 * (8 - np.clip(size, 0, 8))).astype(np.uint64)
    high = words & np.uint64(0xF0F0F0F0F0F0F0F0)
    over = (words + np.uint64(0x0606060606060606)) & np.uint64(0xF0F0F0F0F0F0F0F0)
    zeros = np.uint64(0x3030303030303030) & filled
    every: np.ndarray = (high == zeros) & ((over & filled) == zeros)
    return every


def digits_to_number(words: np.ndarray) -> np.ndarray:
    """Return the number that eight digits form, the first byte the highest; zero bytes count as zeros."""
    pairs = words & np.uint64(0x0F0F0F0F0F0F0F0F)
    pairs = (pairs * np.uint64(10) + (pairs >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    return (fours * np.uint64(10_000) + (fours >> np.uint64(32))) & np.uint64(0xFFFFFFFF)


def place_of(byte: int, words: np.ndarray) -> np.ndarray:
    """Return where a byte stands first among eight; eight where it does not."""
    differs = words ^ np.uint64(byte * 0x0101010101010101)
    equal = (differs - np.uint64(0x0101010101010101)) & ~differs & np.uint64(0x8080808080808080)
    before = np.bitwise_count((equal & (~equal + np.uint64(1))) - np.uint64(1)) >> 3
    return before.astype(np.int64)


def whole_number(words: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Return the number of the first digits of eight bytes."""
    return digits_to_number(words << (8 * (8 - digits)).astype(np.uint64)).astype(np.int64)
