package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// digitsFolder has a small set in MNIST's form, for programs that read one.
var digitsFolder = filepath.Join(os.TempDir(), fmt.Sprintf("port-census-%d", os.Getpid()))

// writeDigits writes such a set: squares, whose places are their labels.
func writeDigits(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2))
	for name, count := range map[string]int{"train": 5512, "t10k": 200} { // of which train.py holds 5,000 back
		images, labels := make([]byte, 0, count*28*28), make([]byte, 0, count)
		for range count {
			label := random.IntN(10)
			labels = append(labels, byte(label))
			image := make([]byte, 28*28)
			for i := range 5 * 5 {
				image[(3+label/5*12+i/5)*28+1+label%5*5+i%5] = byte(128 + random.IntN(128))
			}
			images = append(images, image...)
		}
		for file, content := range map[string][]byte{
			"-images-idx3-ubyte.gz": header(images, 0x803, uint32(count), 28, 28),
			"-labels-idx1-ubyte.gz": header(labels, 0x801, uint32(count)),
		} {
			if err := writeGzip(filepath.Join(folder, name+file), content); err != nil {
				return err
			}
		}
	}
	return nil
}

// header puts numbers before what they describe.
func header(content []byte, numbers ...uint32) []byte {
	var out bytes.Buffer
	for _, n := range numbers {
		out.Write(binary.BigEndian.AppendUint32(nil, n))
	}
	return append(out.Bytes(), content...)
}

func writeGzip(path string, content []byte) error {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}
