/** Patterns in place of names: `/b?n/c?t`. What they match is not looked up, but what everybody has is known. */

const PROGRAMS =
	"cat rm sh bash dash nc ncat curl wget chmod chown dd ls cp mv tar python python3 perl ruby php base64 su sudo kill mount umount head tail less more grep awk sed find ssh scp rev tee env id whoami ps vi vim nano ed gcc echo printf mkfs shutdown reboot systemctl crontab useradd passwd xxd openssl ping telnet shred truncate unlink wipefs iptables ip6tables nft ufw firewall-cmd git docker kubectl helm terraform redis-cli mysql psql mongo mongosh sqlite3 aws az gcloud usermod userdel groupadd visudo chattr setcap insmod modprobe rmmod sysctl swapoff fdisk parted mkswap mkfs.ext4 mkfs.xfs lvremove vgremove zfs zpool btrfs service launchctl at batch nohup setsid timeout xargs tcpdump gdb strace socat rsync sftp ftp zip unzip gzip gunzip bzip2 xz 7z base32 tr cut sort node npm pip pip3 make gpg ssh-keygen killall pkill reboot halt poweroff init pkexec setenforce auditctl chgrp chpasswd chsh gpasswd groupmod adduser deluser mkfs.vfat mkfs.btrfs mke2fs dmsetup cryptsetup pvremove blkdiscard hdparm nvme losetup swapon ip route ifconfig tc brctl hostnamectl timedatectl journalctl dmesg rsyslogd setfacl setfattr getfacl install ln mkdir rmdir touch find locate updatedb apt apt-get dpkg yum dnf rpm snap flatpak pacman zypper brew podman nerdctl crictl ctr buildah skopeo vagrant ansible ansible-playbook puppet salt rclone restic borg s3cmd lftp tftp smbclient ldapmodify ldapdelete ldapsearch kinit su runuser doas chroot unshare nsenter capsh setpriv gcore ptrace perf bpftrace ltrace lsof fuser pgrep ss netstat nmap masscan hping3 arpspoof ettercap dig host nslookup whois john hashcat hydra gpg2 ssh-add ssh-agent ssh-copy-id screen tmux script watch env printenv export xxd od hexdump strings dropdb createuser pg_dump pg_dumpall pg_restore mysqldump mysqladmin mongodump mongorestore rabbitmqctl etcdctl consul vault nomad systemd-run loginctl machinectl busctl rc-service chkconfig update-rc.d update-initramfs grub-install efibootmgr dracut depmod kexec kldload kextload killall5 renice nice ionice taskset prlimit ulimit quotaoff edquota semodule setsebool restorecon chcon aa-disable apparmor_parser firewall-cmd fail2ban-client ipset conntrack wg wg-quick openvpn tor proxychains sshuttle socat stunnel".split(
		" ",
	);
const FOLDERS = ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/"];
const FILES = [
	"/etc/passwd",
	"/etc/shadow",
	"/etc/sudoers",
	"/etc/hosts",
	"/etc/group",
	"/dev/sda",
	"/etc/crontab",
	"~/.ssh/id_rsa",
	"~/.ssh/id_ed25519",
	"~/.aws/credentials",
	"~/.netrc",
];
const LENGTH_MAX = 100;

/** The base name of the first program that everybody has and that the pattern matches; null: none. */
export function globbedProgram(pattern: string): string | null {
	if (!pattern.startsWith("/")) return null;
	const alone = pattern.replace(/\[([\w.-])\]/g, "$1");
	if (!/[?*[]/.test(alone)) return alone.slice(alone.lastIndexOf("/") + 1);
	const test = testOf(pattern);
	if (test === null) return null;
	return PROGRAMS.find((program) => FOLDERS.some((folder) => test.test(folder + program))) ?? null;
}

/** The file that everybody has and that the pattern matches, or the pattern. */
export function globbedFile(pattern: string): string {
	if (!/^[/~].*[?*[]/s.test(pattern)) return pattern;
	const test = testOf(pattern);
	return (test !== null && /[?[]|\w\*|\*\w/.test(pattern) && FILES.find((file) => test.test(file))) || pattern;
}

function testOf(pattern: string): RegExp | null {
	if (pattern.length > LENGTH_MAX || pattern.split("*").length > 4) return null;
	const source = pattern
		.replace(/[.+^${}()|\\]/g, "\\$&")
		.replace(/\[!/g, "[^")
		.replaceAll("*", "[^/]*")
		.replaceAll("?", "[^/]");
	try {
		return new RegExp(`^${source}$`);
	} catch {
		return null;
	}
}
