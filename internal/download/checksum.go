package download

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Checksum is a file's SHA-256 in hexadecimal digits, or the beginning of it.
type Checksum string

// Check reads a file to its end and fails if its checksum is another one.
func (c Checksum) Check(r io.Reader) error {
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		return err
	}
	return c.Compare(hash.Sum(nil))
}

// Compare fails if a hash is another one.
func (c Checksum) Compare(hash []byte) error {
	if got := hex.EncodeToString(hash); !strings.HasPrefix(got, strings.ToLower(string(c))) {
		return fmt.Errorf("it is another file: its SHA-256 is %s, want %s", got, string(c))
	}
	return nil
}
