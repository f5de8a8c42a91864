package datasets

import (
	"fmt"
	"image"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/imagefile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// ImageFolder is images in files, in a folder for each class:
//
//	root/cat/1.png
//	root/cat/2.png
//	root/dog/more/3.jpg
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
type ImageFolder struct {
	Classes []string    // the folders' names, sorted
	Files   []ImageFile // class by class, sorted by folder and name
	options ImageFolderOptions
}

// ImageFile is where an image is, and the number of its class.
type ImageFile struct {
	Path   string
	Target int
}

// ImageFolderOptions are the options of [NewImageFolder].
type ImageFolderOptions struct {
	// Transform makes what At gives of an image, 3 × height × width of Uint8; default:
	// floating-point numbers from 0 to 1.
	Transform  func(image *torch.Tensor) *torch.Tensor
	Extensions []string // of the files' names, in small letters; default: those of all formats
	AllowEmpty bool     // a class may have no files
}

// imageExtensions are those of the formats that are read.
var imageExtensions = []string{".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif"}

// NewImageFolder finds the classes and images in a folder. It fails if there are
// none, or a class has none.
func NewImageFolder(root string, options ...ImageFolderOptions) (*ImageFolder, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	d := &ImageFolder{options: o}
	if d.options.Extensions == nil {
		d.options.Extensions = imageExtensions
	}
	if d.options.Transform == nil {
		d.options.Transform = functional.ToTensor
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	var empty []string
	for _, entry := range entries { // sorted
		class := filepath.Join(root, entry.Name())
		if info, err := os.Stat(class); err != nil || !info.IsDir() {
			continue
		}
		paths, err := d.find(class)
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			empty = append(empty, entry.Name())
		}
		for _, path := range paths {
			d.Files = append(d.Files, ImageFile{path, len(d.Classes)})
		}
		d.Classes = append(d.Classes, entry.Name())
	}
	switch {
	case len(d.Classes) == 0:
		return nil, fmt.Errorf("datasets.NewImageFolder: Couldn't find any class folder in %s", root)
	case len(empty) > 0 && !d.options.AllowEmpty:
		return nil, fmt.Errorf("datasets.NewImageFolder: Found no valid file for the classes %s in %s. Supported extensions are: %s",
			strings.Join(empty, ", "), root, strings.Join(d.options.Extensions, ", "))
	}
	return d, nil
}

// find returns the images in a folder and those within, in Python's order: by
// folder, and then by name.
func (d *ImageFolder) find(dir string) ([]string, error) {
	folders := map[string][]string{}
	if err := d.walk(dir, folders); err != nil {
		return nil, err
	}
	var files []string
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		files = append(files, folders[dir]...)
	}
	return files, nil
}

// walk puts the images of a folder and of those within into folders.
func (d *ImageFolder) walk(dir string, folders map[string][]string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries { // sorted
		path := filepath.Join(dir, entry.Name())
		info, err := os.Stat(path) // a link counts as what it leads to
		switch {
		case err != nil:
			return err
		case info.IsDir():
			if err := d.walk(path, folders); err != nil {
				return err
			}
		case slices.Contains(d.options.Extensions, strings.ToLower(filepath.Ext(path))):
			folders[dir] = append(folders[dir], path)
		}
	}
	return nil
}

// Len returns the number of images.
func (d *ImageFolder) Len() int { return len(d.Files) }

// At decodes an image, grey ones to three equal channels, and returns what the
// transform makes of it, and the number of its class, an Int64 without dimensions.
// It fails, and says which file it was, if that is gone or damaged.
func (d *ImageFolder) At(index int) (sample data.Sample, err error) {
	if index < 0 || index >= len(d.Files) {
		return sample, torch.Errorf("datasets.ImageFolder.At", torch.IndexError, "index %d is out of bounds for %d images", index, len(d.Files))
	}
	f := d.Files[index]
	img, err := DefaultLoader(f.Path)
	if err != nil {
		return sample, err
	}
	x := functional.FromImage(img)
	pixels := x.Expand(3, x.Size(1), x.Size(2))
	return data.Sample{Data: d.options.Transform(pixels), Target: torch.Full(nil, f.Target)}, nil
}

// DefaultLoader reads an image file: PNG, JPEG, GIF, BMP, TIFF or WebP. It fails,
// and says which file it was, if that is not there, no such image or damaged, and
// before its pixels are read if they would take more than 512 MiB: 8 bytes each in a
// PNG or TIFF file of 16 bits, 3 in JPEG, 1 where they are numbers in a palette, or
// else 4. PIL stops at about as many.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
func DefaultLoader(path string) (image.Image, error) { return imagefile.Open(path) }
