// Package hub opens models as Hugging Face distributes them, and fetches files from
// servers.
//
// [Open] opens a folder on the disk. The configuration is there at once, and each tensor
// when it is asked for. [nn.LoadInto] fills a network with them:
//
//	dir, err := hub.Open("all-MiniLM-L6-v2")
//	if err != nil {
//		return err
//	}
//	defer dir.Close()
//	net := NewBERT(dir.Config)
//	report, err := nn.LoadInto(net, dir)
//
// https://docs.pytorch.org/docs/stable/hub.html
package hub
