package tensorboard

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// eventFile is an event file that is being written: a row of records, each of
// which is an event.
type eventFile struct {
	file *os.File
	err  error // the first one; nothing is written after it
}

// files counts the event files that this process made.
var files atomic.Int64

// createEventFile makes a file in a folder, which it makes too. The name is what
// TensorBoard looks for, and that of no other file.
func createEventFile(dir, suffix string) (*eventFile, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d%s", now.Unix(), host, os.Getpid(), files.Add(1)-1, suffix)
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	f := &eventFile{file: file}
	f.write(now, 0, join(bytes(3, fileVersion), message(10, bytes(1, "gotorch/torch/utils/tensorboard"))))
	if f.err != nil {
		_ = file.Close() // the write's error says more
	}
	return f, f.err
}

// fileVersion is the version of the format.
const fileVersion = "brain.Event:2"

// write adds an event of which content is what happened. The record goes to the
// system in one call, so that a process that is killed leaves whole records, or at
// worst a last one that is cut off, which readers pass over.
func (f *eventFile) write(at time.Time, step int, content field) {
	if f.err == nil {
		seconds := float64(at.Unix()) + float64(at.Nanosecond())/1e9
		_, f.err = f.file.Write(record(join(double(1, seconds), integer(2, step), content)))
	}
}

func (f *eventFile) summary(at time.Time, step int, value ...field) {
	f.write(at, step, summary(value...))
}

// summary is the field of an event that is a summary of one value.
func summary(value ...field) field { return message(5, message(1, value...)) }

// flush waits until the file is on the disk.
func (f *eventFile) flush() error {
	if f.err == nil {
		f.err = f.file.Sync()
	}
	return f.err
}

// close closes the file, and returns the first error that the file had.
func (f *eventFile) close() error {
	if err := f.file.Close(); f.err == nil {
		f.err = err
	}
	return f.err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record frames data as TFRecord files do: its length, the length's checksum, the
// data, the data's checksum.
func record(data []byte) []byte {
	r := binary.LittleEndian.AppendUint64(make([]byte, 0, len(data)+16), uint64(len(data)))
	r = binary.LittleEndian.AppendUint32(r, checksum(r))
	r = append(r, data...)
	return binary.LittleEndian.AppendUint32(r, checksum(data))
}

// checksum is a CRC-32C, masked so that it is safe to compute one of data that
// holds one.
func checksum(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}
