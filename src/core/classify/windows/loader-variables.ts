/** Variables of the environment by which programs are made to load code that is not theirs, or to find other programs. */

const LOADERS =
	/^(?:(?:cor|coreclr)_(?:enable_profiling|profiler\w*)|complus_\w+|dotnet_startup_hooks|appdomain_manager_\w+|comspec|windir|systemroot|pathext|(?:_?java|jdk_java|jvm)_?(?:tool_)?options|node_options|pythonstartup|perl5opt|rubyopt|electron_run_as_node|git_(?:ssh_command|pager|editor|exec_path))$/i;

export const isLoaderVariable = (name: string): boolean => LOADERS.test(name);
