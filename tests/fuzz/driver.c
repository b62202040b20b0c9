/* Feeds files to a fuzz target without libFuzzer: the corpora run in every `make test`. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file || fseek(file, 0, SEEK_END) != 0) {
            perror(argv[i]);
            return 1;
        }
        size_t size = (size_t)ftell(file);
        uint8_t *data = malloc(size + 1);
        rewind(file);
        if (!data || fread(data, 1, size, file) != size) {
            perror(argv[i]);
            return 1;
        }
        (void)LLVMFuzzerTestOneInput(data, size);
        free(data);
        (void)fclose(file);
    }
    return 0;
}
