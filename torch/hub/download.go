package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// DownloadOptions are the options of [Download].
type DownloadOptions struct {
	SHA256   string                  // the file's checksum, or its first 8 digits or more; default: none is compared
	Dir      string                  // the folder for the file; default: one of the cache, for its address
	Name     string                  // the file's name; default: the last part of the address
	Progress func(done, total int64) // is called with the bytes that are there, and how many there are or -1; default: nil
}

// Download fetches a file, if it is not there, and returns its path. The folder never
// holds a part of it under its name. With a checksum what is there is compared, too, and
// fetched again if it is another file; and what was fetched when the network broke is
// kept, and the next call goes on from there.
//
// Files of one folder of a server are in one folder of the cache, which is
// $GOTORCH_CACHE/hub or gotorch/hub in the user's, so that [Open] reads it:
//
//	const model = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/"
//	for _, name := range []string{"config.json", "model.safetensors"} {
//		path, err = hub.Download(ctx, model+name)
//		...
//	}
//	dir, err := hub.Open(filepath.Dir(path))
//
// It fails, saying why for which address, if the server does not have the file, if it
// stops sending, when ctx ends, and if the checksum is another one.
//
// https://docs.pytorch.org/docs/stable/hub.html#torch.hub.download_url_to_file
func Download(ctx context.Context, address string, options ...DownloadOptions) (string, error) {
	path, err := fetch(ctx, address, options)
	if err != nil {
		return "", fmt.Errorf("hub.Download: %w", err)
	}
	return path, nil
}

func fetch(ctx context.Context, address string, options []DownloadOptions) (string, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return "", err
	}
	path, err := o.path(address)
	if err != nil {
		return "", err
	}
	f := download.File{URL: address, Path: path, Progress: o.Progress}
	if o.SHA256 != "" {
		if digits, err := hex.DecodeString(o.SHA256[:len(o.SHA256)&^1]); err != nil || len(digits) < 4 || len(digits) > sha256.Size {
			return "", fmt.Errorf("%q is no SHA-256: want 64 hexadecimal digits, or the first 8 or more", o.SHA256)
		}
		f.Check = download.Checksum(o.SHA256).Check
	}
	if there, err := isThere(f); there || err != nil {
		return path, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, f.Fetch(ctx)
}

// isThere reports whether the file is there, as it should be.
func isThere(f download.File) (bool, error) {
	r, err := os.Open(f.Path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer r.Close()
	return f.Check == nil || f.Check(r) == nil, nil
}

// path returns where the file of an address is put.
func (o *DownloadOptions) path(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", fmt.Errorf("%q is not an address of https or http", address)
	}
	full := path.Clean("/" + u.Path)
	name := o.Name
	if name == "" {
		name = path.Base(full)
	}
	if name == "/" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s: %q is no name of a file: set Name", address, name)
	}
	if o.Dir != "" {
		return filepath.Join(o.Dir, name), nil
	}
	server := strings.ReplaceAll(u.Host, ":", "_")
	folders := filepath.FromSlash(path.Dir(full)) // clean, so it does not lead out
	if u.RawQuery != "" {
		sum := sha256.Sum256([]byte(u.RawQuery)) // which may be of any length
		folders = filepath.Join(folders, hex.EncodeToString(sum[:4]))
	}
	dir, err := download.CacheFolder("Dir", "hub", server, folders)
	return filepath.Join(dir, name), err
}
