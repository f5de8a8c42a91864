package gguf_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch/gguf"
)

func Example() {
	file, err := gguf.Open("testdata/files/llama.gguf")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	fmt.Println(file.Metadata["general.architecture"], file.Metadata["llama.block_count"])

	info, err := file.Info("blk.0.attn_k.weight")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Format, info.Shape)
	// Output:
	// llama 1
	// F32 [4 4]
}

func ExampleNewLlama() {
	file, err := gguf.Open("testdata/files/llama.gguf")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	llama, err := gguf.NewLlama(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := llama.Tensor("model.layers.0.self_attn.k_proj.weight")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer key.Close()
	fmt.Println(key)
	// Output:
	// tensor([[ 0.,  1.,  2.,  3.],
	//         [ 4.,  5.,  6.,  7.],
	//         [ 8.,  9., 10., 11.],
	//         [12., 13., 14., 15.]])
}

func ExampleFile_Tokenizer() {
	file, err := gguf.Open("testdata/files/llama.gguf")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	tokenizer, err := file.Tokenizer()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tokenizer.Tokens, tokenizer.Merges, tokenizer.EOS)
	// Output: [<end> a b ab] [a b] 0
}
