package cgotorch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
)

// The sizes of an ELF file's header and of a segment's, with 64 bits, and what marks
// a segment that is mapped.
const (
	elfHeader     = 64
	elfSegment    = 56
	elfSegmentMap = 1
)

// cutOff says that a shared library ends too early, or "". The system maps such a
// library, and ends the program where it first needs what is not there. What is no ELF
// file is left to the loader, which tells macOS's from others itself.
func cutOff(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "" // loading it says so
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	header := make([]byte, elfHeader)
	n, _ := file.ReadAt(header, 0) // what is not there stays 0
	kind := []byte("\x7fELF\x02\x01")
	if known := min(n, len(kind)); !bytes.Equal(header[:known], kind[:known]) {
		return ""
	}
	// Its tables of segments and sections, and the segments.
	number := binary.LittleEndian
	segments, segmentCount := number.Uint64(header[32:]), uint64(number.Uint16(header[56:]))
	sections, sectionCount := number.Uint64(header[40:]), uint64(number.Uint16(header[60:]))
	whole := max(elfHeader, segments+segmentCount*elfSegment, sections+sectionCount*elfHeader)
	table := make([]byte, segmentCount*elfSegment)
	if _, err := file.ReadAt(table, int64(segments)); err == nil {
		for ; len(table) > 0; table = table[elfSegment:] {
			if number.Uint32(table) == elfSegmentMap {
				whole = max(whole, number.Uint64(table[8:])+number.Uint64(table[32:]))
			}
		}
	}
	if size := uint64(info.Size()); size < whole {
		return fmt.Sprintf("%s is cut off: %d bytes of %d are there", path, size, whole)
	}
	return ""
}
