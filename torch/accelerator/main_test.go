package accelerator_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

func TestMain(m *testing.M) { torchtest.Main(m) }
