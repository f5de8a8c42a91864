package tensorboard

import "os"

// Redirect makes the writer go on in another file.
func Redirect(w *SummaryWriter, path string) {
	w.main.file.Close()
	w.main.file, w.main.err = os.OpenFile(path, os.O_WRONLY, 0)
}
