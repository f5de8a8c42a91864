package tensorboard

import (
	"encoding/binary"
	"math"
)

// A field is a field of a protocol buffer as it goes over the wire, or several. A
// function for each type of field makes it; those for plain numbers give nothing
// for 0, which is what readers take an absent number for.
type field []byte

// The wire types of protocol buffers.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

func key(number, wire int) field { return binary.AppendUvarint(nil, uint64(number<<3|wire)) }

// integer is a field of an integer, an enum or a bool.
func integer(number, v int) field {
	if v == 0 {
		return nil
	}
	return binary.AppendUvarint(key(number, wireVarint), uint64(v))
}

func double(number int, v float64) field {
	if math.Float64bits(v) == 0 {
		return nil
	}
	return presentDouble(number, v)
}

// presentDouble is a double that is one of several alternatives: a 0 says which.
func presentDouble(number int, v float64) field {
	return binary.LittleEndian.AppendUint64(key(number, wire64), math.Float64bits(v))
}

// presentFloat is a float that is one of several alternatives.
func presentFloat(number int, v float64) field {
	return binary.LittleEndian.AppendUint32(key(number, wire32), math.Float32bits(float32(v)))
}

// bytes is a field of bytes or of a string; it is there even if it is empty.
func bytes[T ~string | ~[]byte](number int, v T) field {
	return append(binary.AppendUvarint(key(number, wireBytes), uint64(len(v))), v...)
}

// message is a field of a message that has the given fields.
func message(number int, fields ...field) field { return bytes(number, join(fields...)) }

// integers, floats and doubles are fields of many numbers; none give nothing.
func integers(number int, values []int) field {
	var packed field
	for _, v := range values {
		packed = binary.AppendUvarint(packed, uint64(v))
	}
	return many(number, packed)
}

func floats(number int, values []float64) field {
	var packed field
	for _, v := range values {
		packed = binary.LittleEndian.AppendUint32(packed, math.Float32bits(float32(v)))
	}
	return many(number, packed)
}

func doubles(number int, values []float64) field {
	var packed field
	for _, v := range values {
		packed = binary.LittleEndian.AppendUint64(packed, math.Float64bits(v))
	}
	return many(number, packed)
}

func many(number int, packed field) field {
	if len(packed) == 0 {
		return nil
	}
	return bytes(number, packed)
}

func join(fields ...field) (all field) {
	for _, f := range fields {
		all = append(all, f...)
	}
	return all
}
