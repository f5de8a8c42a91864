package datasets

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// NewCIFAR10 returns 50,000 colour pictures of ten kinds of things to train on, or
// 10,000 to test with, of 32 × 32 pixels in three channels. The file is that of the
// binary version, cifar-10-binary.tar.gz. It fails if it is not there, or damaged.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.CIFAR10.html
func NewCIFAR10(ctx context.Context, options ...Options) (*Images, error) {
	return cifar10.load(ctx, options)
}

// NewCIFAR100 returns pictures as [NewCIFAR10] does, of a hundred kinds of things,
// from cifar-100-binary.tar.gz.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.CIFAR100.html
func NewCIFAR100(ctx context.Context, options ...Options) (*Images, error) {
	return cifar100.load(ctx, options)
}

// cifar is a dataset of the CIFAR family: an archive with files of records, each
// with a label or two, the last of which counts, and the pixels.
type cifar struct {
	name    string
	archive string
	sha256  string // of the archive
	size    int64  // of the archive
	labels  int    // bytes of a record that are labels
	train   members
	test    members
	classes []string
	mirrors []string
}

// members are files of an archive.
type members struct {
	names   []string
	records int // in each
}

const cifarPixels = 3 * 32 * 32

var cifar10 = cifar{
	name: "CIFAR10", archive: "cifar-10-binary.tar.gz", size: 170052171, labels: 1,
	sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
	train:  members{[]string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}, 10000},
	test:   members{[]string{"test_batch.bin"}, 10000},
	classes: []string{"airplane", "automobile", "bird", "cat", "deer",
		"dog", "frog", "horse", "ship", "truck"},
	mirrors: cifarMirrors,
}

var cifar100 = cifar{
	name: "CIFAR100", archive: "cifar-100-binary.tar.gz", size: 168513733, labels: 2,
	sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
	train:  members{[]string{"train.bin"}, 50000},
	test:   members{[]string{"test.bin"}, 10000},
	classes: strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
		camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
		elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man
		maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain
		plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake
		spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
		wardrobe whale willow_tree wolf woman worm`),
	mirrors: cifarMirrors,
}

var cifarMirrors = []string{"https://www.cs.toronto.edu/~kriz/"}

// file is the archive, of which one half of the dataset is read.
func (c cifar) file(half members) file {
	return file{name: c.archive, limit: c.size + 1, sums: sums{packed: c.sha256}, read: func(r io.Reader) (*array, error) {
		return half.read(r, c.labels+cifarPixels)
	}}
}

// load loads one half of the dataset.
func (c cifar) load(ctx context.Context, options []Options) (*Images, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	half := c.test
	if o.train() {
		half = c.train
	}
	s := set{name: c.name, files: []file{c.file(half)}, mirrors: c.mirrors}
	contents, err := s.load(ctx, o)
	if err != nil {
		return nil, err
	}
	records := contents[0]
	n, size := records.Shape[0], records.Shape[1]
	labels, pixels := make([]byte, 0, n), make([]byte, 0, n*cifarPixels)
	for i := range n {
		record := records.Data[i*size : (i+1)*size]
		labels = append(labels, record[c.labels-1])
		pixels = append(pixels, record[c.labels:]...)
	}
	images, err := newImages(pixels, labels, c.classes, 3, 32, 32)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return images, nil
}

// maxArchive is more than the archives have when they are unpacked.
const maxArchive = 256 << 20

// read reads the records, of size bytes each, of all members of an archive.
func (m members) read(r io.Reader, size int) (*array, error) {
	r, err := unpack(r)
	if err != nil {
		return nil, err
	}
	want := m.records * size
	all := &array{Shape: []int{len(m.names) * m.records, size}}
	found := map[string]bool{}
	archive := tar.NewReader(io.LimitReader(r, maxArchive))
	for len(found) < len(m.names) {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("the archive lacks one of %s", strings.Join(m.names, ", "))
		}
		if err != nil {
			return nil, fmt.Errorf("the archive: %w", cutOff(err))
		}
		for i, name := range m.names {
			if path.Base(header.Name) != name {
				continue
			}
			if header.Size != int64(want) {
				return nil, fmt.Errorf("%s has %d bytes, want %d", name, header.Size, want)
			}
			if all.Data == nil {
				all.Data = make([]byte, len(m.names)*want)
			}
			if _, err := io.ReadFull(archive, all.Data[i*want:(i+1)*want]); err != nil {
				return nil, fmt.Errorf("%s: %w", name, cutOff(err))
			}
			found[name] = true
		}
	}
	return all, nil
}
