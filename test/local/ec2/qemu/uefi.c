/* The smallest program that UEFI starts: it says so on the console, and waits. UEFI specification 2.10, 4.3 and 12.4. */

struct text_output {
	void *reset;
	unsigned long long __attribute__((ms_abi)) (*output_string)(struct text_output *self, const unsigned short *text);
};

struct system_table {
	char header[24];
	const unsigned short *vendor;
	unsigned long long revision;
	void *input_handle, *input, *output_handle;
	struct text_output *output;
};

unsigned long long __attribute__((ms_abi)) efi_main(void *image, struct system_table *system)
{
	static const unsigned short text[] = u"booted by UEFI\r\n";
	(void)image;
	system->output->output_string(system->output, text);
	for (;;)
		__asm__ volatile("pause");
}
