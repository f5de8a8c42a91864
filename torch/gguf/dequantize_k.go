package gguf

// The functions here write what a superblock of 256 elements stands for. It has scales, or
// scales and offsets, for each 16 or 32 elements, which are numbers of few bits themselves:
// what they stand for is their product with the superblock's own, halves d and m. Bits of an
// element are spread over two places where there are more than two or four.

// dequantizeQ2K reads 16 scales and offsets of 4 bits, then elements of 2 bits, then d and m.
func dequantizeQ2K(block []byte, y []float32) {
	scales, qs, d, m := block[:16], block[16:80], readHalf(block[80:]), readHalf(block[82:])
	for j, s := range scales {
		scale, offset := d*float32(s&15), m*float32(s>>4)
		q, shift, y := qs[j/8*32+j%2*16:][:16], j/2%4*2, y[j*16:][:16]
		for i, b := range q {
			y[i] = float32(scale*float32(b>>shift&3)) - offset
		}
	}
}

// dequantizeQ3K reads the third bits, elements of 2 bits, 16 scales of 6 bits, and d. An
// element whose third bit is not set is 4 less.
func dequantizeQ3K(block []byte, y []float32) {
	third, qs, scales, d := block[:32], block[32:96], block[96:108], readHalf(block[108:])
	for j := range 16 {
		low, high := scales[j%8]>>(j/8*4)&15, scales[8+j%4]>>(j/4*2)&3
		scale := d * float32(int(low|high<<4)-32)
		q, h, shift, y := qs[j/8*32+j%2*16:][:16], third[j%2*16:][:16], j/2%4*2, y[j*16:][:16]
		for i, b := range q {
			y[i] = scale * float32(int(b>>shift&3)|int(h[i]>>(j/2)&1)<<2-4)
		}
	}
}

// dequantizeQ4K reads d, m, 8 scales and offsets of 6 bits, and elements of 4 bits.
func dequantizeQ4K(block []byte, y []float32) {
	d, m, scales, qs := readHalf(block), readHalf(block[2:]), block[4:16], block[16:144]
	for j := range 8 {
		scale, offset := unpackScale(scales, j, d, m)
		q, shift, y := qs[j/2*32:][:32], j%2*4, y[j*32:][:32]
		for i, b := range q {
			y[i] = float32(scale*float32(b>>shift&15)) - offset
		}
	}
}

// dequantizeQ5K reads d, m, 8 scales and offsets of 6 bits, the fifth bits, and the other 4
// of each element.
func dequantizeQ5K(block []byte, y []float32) {
	d, m, scales, fifth, qs := readHalf(block), readHalf(block[2:]), block[4:16], block[16:48], block[48:176]
	for j := range 8 {
		scale, offset := unpackScale(scales, j, d, m)
		q, h, shift, y := qs[j/2*32:][:32], fifth[:32], j%2*4, y[j*32:][:32]
		for i, b := range q {
			y[i] = float32(scale*float32(b>>shift&15|h[i]>>j&1<<4)) - offset
		}
	}
}

// unpackScale returns the scale and offset of number j of a Q4_K's or Q5_K's.
func unpackScale(packed []byte, j int, d, m float32) (scale, offset float32) {
	if j < 4 {
		return d * float32(packed[j]&63), m * float32(packed[j+4]&63)
	}
	return d * float32(packed[j+4]&15|packed[j-4]>>6<<4), m * float32(packed[j+4]>>4|packed[j]>>6<<4)
}

// dequantizeQ6K reads the low 4 bits of each element, the high 2, 16 scales of 8 bits, and d.
func dequantizeQ6K(block []byte, y []float32) {
	low, high, scales, d := block[:128], block[128:192], block[192:208], readHalf(block[208:])
	for j, s := range scales {
		scale := d * float32(int8(s))
		group := j / 2 // of 32 elements
		q, shift := low[group/4*64+group%2*32+j%2*16:][:16], group/2%2*4
		h, y := high[group/4*32+j%2*16:][:16], y[j*16:][:16]
		for i, b := range q {
			y[i] = scale * float32(int(b>>shift&15)|int(h[i]>>(group%4*2)&3)<<4-32)
		}
	}
}
