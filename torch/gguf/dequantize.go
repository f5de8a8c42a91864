package gguf

import (
	"encoding/binary"
	"math"
)

// The functions here write what a block of 32 elements stands for. A block begins with a
// scale d, or with d and an offset m, as halves: an element q is d·q, or d·q + m. Of 4 bits,
// the first half of the elements are the low ones of the bytes and the second half the high
// ones; a fifth bit is in a word of 32. Products are made float32 before a sum, without
// which some processors would round once for both.

func dequantizeQ40(block []byte, y []float32) {
	d, q, y := readHalf(block), block[2:18], y[:32]
	for i, b := range q {
		y[i] = d * float32(int(b&15)-8)
		y[i+16] = d * float32(int(b>>4)-8)
	}
}

func dequantizeQ41(block []byte, y []float32) {
	d, m, q, y := readHalf(block), readHalf(block[2:]), block[4:20], y[:32]
	for i, b := range q {
		y[i] = float32(d*float32(b&15)) + m
		y[i+16] = float32(d*float32(b>>4)) + m
	}
}

func dequantizeQ50(block []byte, y []float32) {
	d, fifth, q, y := readHalf(block), binary.LittleEndian.Uint32(block[2:]), block[6:22], y[:32]
	for i, b := range q {
		y[i] = d * float32(int(b&15)|int(fifth>>i&1<<4)-16)
		y[i+16] = d * float32(int(b>>4)|int(fifth>>(i+16)&1<<4)-16)
	}
}

func dequantizeQ51(block []byte, y []float32) {
	d, m, fifth, q, y := readHalf(block), readHalf(block[2:]), binary.LittleEndian.Uint32(block[4:]), block[8:24], y[:32]
	for i, b := range q {
		y[i] = float32(d*float32(uint32(b&15)|fifth>>i&1<<4)) + m
		y[i+16] = float32(d*float32(uint32(b>>4)|fifth>>(i+16)&1<<4)) + m
	}
}

func dequantizeQ80(block []byte, y []float32) {
	d, q, y := readHalf(block), block[2:34], y[:32]
	for i, b := range q {
		y[i] = d * float32(int8(b))
	}
}

// readHalf returns the float16 at the beginning of b.
func readHalf(b []byte) float32 {
	h := uint32(binary.LittleEndian.Uint16(b))
	sign, exponent, fraction := h>>15<<31, h>>10&31, h&1023
	switch exponent {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 31:
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
