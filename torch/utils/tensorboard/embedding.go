package tensorboard

import (
	"cmp"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// EmbeddingOptions are the options of [SummaryWriter.AddEmbedding].
type EmbeddingOptions struct {
	Metadata       [][]string    // the columns of each point's label, one without a header; default: no labels
	MetadataHeader []string      // the names of the columns; default: no header
	LabelImg       *torch.Tensor // an image of each point, N × C × H × W, of 1 or 3 channels, 0 to 1; default: none
	Tag            string        // what the points are; default: "default"
}

// AddEmbedding adds points N × D, which TensorBoard's projector shows in two or three
// dimensions. Their coordinates, labels and images go to a folder below the writer's
// that is named after the step and the tag, and projector_config.pbtxt lists the folders.
// What an earlier writer left there is replaced. It panics if the points are no matrix,
// and if there is not a label or an image for each.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_embedding
func (w *SummaryWriter) AddEmbedding(points *torch.Tensor, step int, options ...EmbeddingOptions) {
	const op = "SummaryWriter.AddEmbedding"
	o := option.First(options)
	if points.Dim() != 2 || points.Numel() == 0 || points.DType().IsComplex() {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError,
			"want points N × D of real numbers, not %v of the shape %v", points.DType(), points.Shape()))
	}
	tag := cmp.Or(o.Tag, "default")
	e := &embedding{
		name:   fmt.Sprintf("%s:%05d", tag, step),
		dir:    fmt.Sprintf("%05d/%s", step, tagEscapes.Replace(tag)),
		points: points,
		labels: labelsOf(op, points.Size(0), o.Metadata, o.MetadataHeader),
	}
	if o.LabelImg != nil {
		e.sprite, e.single = spriteOf(op, points.Size(0), o.LabelImg)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.open() || w.err != nil {
		return
	}
	if w.err = e.save(w.dir); w.err == nil {
		w.projector += e.config()
		w.err = saveText(filepath.Join(w.dir, "projector_config.pbtxt"), w.projector)
	}
}

// tagEscapes makes a tag the name of a folder.
var tagEscapes = strings.NewReplacer("%", "%25", "/", "%2f", `\`, "%5c")

// embedding is what is written of points.
type embedding struct {
	name, dir string
	points    *torch.Tensor
	labels    string      // a line for each point, below the header; empty if there are none
	sprite    image.Image // all images; nil if there are none
	single    image.Point // the size of one
}

// config lists the files, as the text of a protocol buffer.
func (e *embedding) config() string {
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("embeddings {")
	line("  tensor_name: %q", e.name)
	if e.labels != "" {
		line("  metadata_path: %q", e.dir+"/metadata.tsv")
	}
	if e.sprite != nil {
		line("  sprite {")
		line("    image_path: %q", e.dir+"/sprite.png")
		line("    single_image_dim: %d", e.single.X)
		line("    single_image_dim: %d", e.single.Y)
		line("  }")
	}
	line("  tensor_path: %q", e.dir+"/tensors.tsv")
	line("}")
	return text.String()
}

// save writes the files below a folder.
func (e *embedding) save(dir string) error {
	dir = filepath.Join(dir, e.dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	err := atomicfile.Write(filepath.Join(dir, "tensors.tsv"), func(file io.Writer) error { return writePoints(file, e.points) })
	if err == nil && e.labels != "" {
		err = saveText(filepath.Join(dir, "metadata.tsv"), e.labels)
	}
	if err == nil && e.sprite != nil {
		err = atomicfile.Write(filepath.Join(dir, "sprite.png"), func(file io.Writer) error { return png.Encode(file, e.sprite) })
	}
	return err
}

func saveText(path, text string) error {
	return atomicfile.Write(path, func(file io.Writer) error {
		_, err := io.WriteString(file, text)
		return err
	})
}

// writePoints writes a line for each point, with numbers as Python prints them.
func writePoints(file io.Writer, points *torch.Tensor) error {
	if points.IsFloatingPoint() {
		return writeRows(file, torch.ToSlice[float64](points), points.Size(1))
	}
	return writeRows(file, torch.ToSlice[int](points), points.Size(1))
}

func writeRows[T int | float64](file io.Writer, values []T, columns int) error {
	for row := range slices.Chunk(values, columns) {
		text := make([]string, columns)
		for i, v := range row {
			text[i] = python.Repr(v)
		}
		if _, err := io.WriteString(file, strings.Join(text, "\t")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// labelsOf returns the lines of labels.
func labelsOf(op string, points int, labels [][]string, header []string) string {
	if labels == nil {
		return ""
	}
	if len(labels) != points {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "#labels should equal with #data points: %d and %d",
			len(labels), points))
	}
	columns := max(1, len(header))
	if header != nil {
		labels = slices.Concat([][]string{header}, labels)
	}
	var lines strings.Builder
	for _, label := range labels {
		if len(label) != columns {
			panic(torch.Errorf("tensorboard."+op, torch.ValueError,
				"len of header must be equal to the number of columns in metadata: %d and %d", len(header), len(label)))
		}
		lines.WriteString(strings.Join(label, "\t") + "\n")
	}
	return lines.String()
}

// spriteOf lays images out row by row on a square, and returns the size of one, too. If
// images are higher than wide, there is not room for all: then the sprite is higher.
func spriteOf(op string, points int, images *torch.Tensor) (sprite image.Image, single image.Point) {
	if images.Dim() != 4 || images.Size(0) != points {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError,
			"#images should equal with #data points: %d, but the shape (N, C, H, W) is %v", points, images.Shape()))
	}
	torch.Scope(func() {
		torch.NoGrad(func() {
			x := grid(op, images, int(math.Ceil(math.Sqrt(float64(points))))).Permute(1, 2, 0).Expand(-1, -1, 3)
			x = padded(x, max(x.Size(0), x.Size(1))).To(torch.Float64).Mul(255).Clamp(0, 255).To(torch.Uint8)
			sprite = toImage(op, torch.ToSlice[uint8](x), x.Size(0), x.Size(1), 3)
		})
	})
	return sprite, image.Pt(images.Size(3), images.Size(2))
}
