package datasets

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

func TestImages(t *testing.T) {
	d, err := newImages([]byte{0, 255, 51, 102, 1, 2, 3, 4, 0, 0, 0, 0}, []byte{1, 0, 1}, []string{"a", "b"}, 1, 2, 2)
	require.NoError(t, err)
	assert.Equal(t, 3, d.Len())
	assert.Equal(t, []int{3, 1, 2, 2}, d.Data.Shape())
	s, err := d.At(0)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 2}, s.Data.Shape())
	assert.Equal(t, []float32{0, 1, 51. / 255, 102. / 255}, torch.ToSlice[float32](s.Data))
	assert.Equal(t, 1, s.Target.Int())
	assert.Empty(t, s.Target.Shape())
	b, err := d.Gather([]int{1, 0})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 1, 2, 2}, b.Data.Shape())
	assert.Equal(t, []float32{1. / 255, 2. / 255, 3. / 255, 4. / 255, 0, 1, 51. / 255, 102. / 255}, torch.ToSlice[float32](b.Data))
	assert.Equal(t, []int{0, 1}, torch.ToSlice[int](b.Target))
	// (x/255 - 0.1307) / 0.3081, by hand.
	x := d.To(torch.CPU).Normalized([]float64{0.1307}, []float64{0.3081})
	assert.InDeltaSlice(t, []float64{-0.42421, 2.82148, 0.22493, 0.87407}, torch.ToSlice[float64](x)[:4], 1e-5)
	assert.Equal(t, 255, d.Data.Max().Int(), "the bytes stay")

	for _, index := range []int{-4, 3} {
		_, err = d.At(index)
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.IndexError})
		_, err = d.Gather([]int{0, index})
		assert.Error(t, err)
	}
	_, err = newImages(nil, []byte{1, 2}, []string{"a", "b"}, 1, 0, 0)
	assert.EqualError(t, err, "the label of image 1 is 2, but there are 2 classes")
}

// A loader gathers the batches, in or out of a scope.
func TestImagesInLoader(t *testing.T) {
	var d *Images
	torch.Scope(func() {
		var err error
		d, err = newImages([]byte{10, 20, 30, 40, 50}, []byte{0, 1, 2, 1, 0}, []string{"a", "b", "c"}, 1, 1, 1)
		require.NoError(t, err)
	})
	var labels []int
	for batch, err := range data.NewDataLoader(d, data.DataLoaderOptions{BatchSize: new(2), NumWorkers: 2}).All(t.Context()) {
		require.NoError(t, err)
		labels = append(labels, torch.ToSlice[int](batch.Target)...)
	}
	assert.Equal(t, []int{0, 1, 2, 1, 0}, labels)
}

// Fashion-MNIST itself, from Debian's package, and MNIST, if it was fetched before.
func TestRealData(t *testing.T) {
	for name, c := range map[string]struct {
		load  func(o Options) (*Images, error)
		first []int // labels of the training set
		mean  float64
	}{
		"MNIST":        {func(o Options) (*Images, error) { return NewMNIST(t.Context(), o) }, []int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}, 0.1307},
		"FashionMNIST": {func(o Options) (*Images, error) { return NewFashionMNIST(t.Context(), o) }, []int{9, 0, 0, 3, 0, 2, 7, 2, 5, 5}, 0.2860},
	} {
		t.Run(name, func(t *testing.T) {
			test, err := c.load(Options{Train: new(false)})
			if errors.Is(err, os.ErrNotExist) {
				t.Skipf("it is not on this machine: %v", err)
			}
			require.NoError(t, err)
			assert.Equal(t, []int{10000, 1, 28, 28}, test.Data.Shape())
			train, err := c.load(Options{})
			require.NoError(t, err)
			assert.Equal(t, 60000, train.Len())
			assert.Equal(t, c.first, torch.ToSlice[int](train.Targets.Narrow(0, 0, 10)))
			x := train.Data.To(torch.Float32).DivInplace(255)
			assert.InDelta(t, c.mean, x.Mean().Item(), 5e-5, "the mean that everybody normalizes with")
			assert.Len(t, train.Classes, 10)
		})
	}
}

func TestFakeData(t *testing.T) {
	var parts struct {
		Fake []struct {
			Index, Offset, Classes, Target int
			Size                           []int
			Image                          torchtest.Tensor
		}
	}
	header := torchtest.Golden(t, "../../utils/data/testdata/data.json", &parts)
	require.Len(t, parts.Fake, 2)
	for _, c := range parts.Fake {
		d := NewFakeData(FakeDataOptions{ImageSize: c.Size, NumClasses: new(c.Classes), RandomOffset: c.Offset})
		s, err := d.At(c.Index)
		require.NoError(t, err)
		c.Image.Check(t, s.Data, header.Exact(), 1e-6)
		assert.Equal(t, c.Target, s.Target.Int())
	}
	d := NewFakeData()
	assert.Equal(t, 1000, d.Len())
	s, err := d.At(999)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 224, 224}, s.Data.Shape())
	for _, index := range []int{-1, 1000} {
		_, err := d.At(index)
		assert.ErrorContains(t, err, "FakeData index out of range")
	}
}
