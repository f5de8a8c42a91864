// Package wavfile reads and writes WAV files of plain samples.
package wavfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Format says how samples are kept.
type Format struct {
	Channels, Rate int  // the samples of all channels come Rate times a second
	Bits           int  // of a sample: 8, 16, 24 or 32, of floats 32 or 64
	Float          bool // floating-point numbers, else integers, of 8 bits without sign
}

// The numbers of formats in files.
const (
	pcm        = 1
	ieeeFloat  = 3
	extensible = 0xfffe
)

// unknown is the size of samples that a program wrote to a pipe, which knew no better.
const unknown = math.MaxUint32

// check returns an error unless the samples are of a kind that is known here.
func (f Format) check() error {
	switch {
	case f.Channels < 1 || f.Channels > math.MaxUint16:
		return fmt.Errorf("%d channels, want 1 to 65535", f.Channels)
	case f.Rate < 1 || int64(f.Rate) > math.MaxUint32:
		return fmt.Errorf("%d samples a second, want 1 or more", f.Rate)
	case f.Float && f.Bits != 32 && f.Bits != 64, !f.Float && f.Bits != 8 && f.Bits != 16 && f.Bits != 24 && f.Bits != 32:
		kind := "integers"
		if f.Float {
			kind = "floats"
		}
		return fmt.Errorf("samples are %s of %d bits, want integers of 8, 16, 24 or 32, or floats of 32 or 64", kind, f.Bits)
	}
	return nil
}

func (f Format) frame() int { return f.Channels * f.Bits / 8 }

// Read reads a WAV file: its format and its samples, as they are in the file. It makes no
// more room than the file is long.
func Read(r io.Reader) (f Format, samples []byte, err error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return f, nil, errors.New("not a WAV file")
	}
	for known := false; ; {
		id, size, err := nextChunk(r)
		if err != nil {
			return f, nil, err
		}
		switch id {
		case "fmt ":
			if f, err = readFormat(r, size); err != nil {
				return f, nil, err
			}
			known = true
		case "data":
			if !known {
				return f, nil, errors.New("not a WAV file: samples before their format")
			}
			samples, err := io.ReadAll(io.LimitReader(r, size))
			if err != nil {
				return f, nil, err
			}
			if size != unknown && int64(len(samples)) < size {
				return f, nil, fmt.Errorf("a WAV file that was cut: %d bytes of samples, want %d", len(samples), size)
			}
			if rest := len(samples) % f.frame(); size == unknown {
				samples = samples[:len(samples)-rest]
			} else if rest != 0 {
				return f, nil, fmt.Errorf("%d bytes of samples are no whole number of %d", len(samples), f.frame())
			}
			return f, samples, nil
		default:
			if n, err := io.CopyN(io.Discard, r, size+size%2); err != nil {
				return f, nil, fmt.Errorf("a WAV file that was cut: chunk %q has %d bytes, want %d", id, n, size)
			}
		}
	}
}

// nextChunk reads the head of a part of the file.
func nextChunk(r io.Reader) (id string, size int64, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", 0, errors.New("a WAV file without samples, or one that was cut")
	}
	return string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:])), nil
}

// readFormat reads the chunk that says how samples are kept.
func readFormat(r io.Reader, size int64) (f Format, err error) {
	var head struct {
		Kind, Channels uint16
		Rate, Bytes    uint32
		Align, Bits    uint16
	}
	content := make([]byte, min(size, 40)) // what follows is of no use here
	if _, err := io.ReadFull(r, content); err != nil {
		return f, errors.New("a WAV file that was cut in its format")
	}
	if _, err := io.CopyN(io.Discard, r, size-int64(len(content))+size%2); err != nil {
		return f, errors.New("a WAV file that was cut in its format")
	}
	if _, err := binary.Decode(content, binary.LittleEndian, &head); err != nil {
		return f, fmt.Errorf("not a WAV file: a format of %d bytes", size)
	}
	kind := head.Kind
	if kind == extensible && len(content) >= 26 {
		kind = binary.LittleEndian.Uint16(content[24:]) // the first bytes of a GUID
	}
	if kind != pcm && kind != ieeeFloat {
		return f, fmt.Errorf("samples of format %d, want 1 for integers or 3 for floats", kind)
	}
	f = Format{Channels: int(head.Channels), Rate: int(head.Rate), Bits: int(head.Bits), Float: kind == ieeeFloat}
	return f, f.check()
}

// Write writes a WAV file of samples that are as they are to be in the file. It fails on a
// format that is not known here, and on more than 4 GB.
func Write(w io.Writer, f Format, samples []byte) error {
	if err := f.check(); err != nil {
		return err
	}
	const heads = 4 + 8 + 16 + 8
	if int64(len(samples)) > math.MaxUint32-heads-1 {
		return fmt.Errorf("%d bytes of samples, a WAV file holds less than 4 GB", len(samples))
	}
	kind := uint16(pcm)
	if f.Float {
		kind = ieeeFloat
	}
	padding := len(samples) % 2
	var head bytes.Buffer
	for _, part := range []any{
		[]byte("RIFF"), uint32(heads + len(samples) + padding), []byte("WAVEfmt "), uint32(16),
		[]uint16{kind, uint16(f.Channels)}, []uint32{uint32(f.Rate), uint32(f.Rate * f.frame())}, []uint16{uint16(f.frame()), uint16(f.Bits)},
		[]byte("data"), uint32(len(samples)),
	} {
		if err := binary.Write(&head, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	for _, part := range [][]byte{head.Bytes(), samples, slices.Repeat([]byte{0}, padding)} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// Decode returns the samples as numbers from −1 to 1, and floats as they are.
func (f Format) Decode(samples []byte) []float32 {
	size := f.Bits / 8
	values := make([]float32, len(samples)/size)
	for i := range values {
		b := samples[i*size:]
		switch {
		case f.Float && size == 4:
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(b))
		case f.Float:
			values[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b)))
		case size == 1:
			values[i] = (float32(b[0]) - 128) / 128
		default: // the highest bytes of an int32
			var v uint32
			for k := range size {
				v |= uint32(b[k]) << (8 * (4 - size + k))
			}
			values[i] = float32(float64(int32(v)) / (1 << 31))
		}
	}
	return values
}

// Encode returns the bytes of samples, numbers from −1 to 1: integers are rounded, and what is
// beyond is cut. It fails on NaN where samples are integers.
func (f Format) Encode(values []float64) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var data []byte
	largest := math.Ldexp(1, f.Bits-1)
	for _, v := range values {
		if f.Float && f.Bits == 32 {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
			continue
		}
		if f.Float {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
			continue
		}
		if math.IsNaN(v) {
			return nil, errors.New("a sample is NaN, which no integer is; samples of floats can be")
		}
		n := uint32(int32(min(max(math.RoundToEven(v*largest), -largest), largest-1)))
		if f.Bits == 8 {
			n += 128
		}
		for k := range f.Bits / 8 {
			data = append(data, byte(n>>(8*k)))
		}
	}
	return data, nil
}
