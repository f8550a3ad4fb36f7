# The small process that starts git for the server; runner.ts says why, and why it is not Node. It reads and writes nothing that is
# git's: it connects the two. Its arguments: where the server listens, and how many places are kept ready.
#
# Orders come on standard input, each behind its length (four bytes, big-endian), as fields between NULs:
#   environment, then NAME=VALUE for each, of every process;
#   start, place, number of arguments, the arguments, then NAME=VALUE for each that is this process's own;
#   signal, place, name.
# News go to standard output, a line each: the place and how its process ended, -1 for a signal, or `failed` and why it never began.
use strict;
use warnings;
use File::Basename qw(dirname);
use POSIX qw(:signal_h :sys_wait_h);
use Socket qw(AF_UNIX SOCK_STREAM pack_sockaddr_un);

my ($address, $places) = @ARGV;
# A place is three connections to the server, which become the standard streams of one process.
my @streams = qw(stdin stdout stderr);
my ($opened, $orders, %environment, %ready, %place_of) = (0, '');
my $all_signals = POSIX::SigSet->new(SIGINT, SIGTERM, SIGHUP);

# A terminal, or whoever stops a service, tells all processes of it. The server ends when its work is done, and then this. A handler, because
# what is ignored stays so in what is started.
$SIG{$_} = sub { } for qw(INT TERM HUP PIPE);
pipe(my $ended, my $end) or die "no pipe: $!";
$SIG{CHLD} = sub { syswrite $end, '.' };

open_place() for 1 .. $places;
while (1) {
    my $wanted = '';
    vec($wanted, fileno($_), 1) = 1 for \*STDIN, $ended;
    next if select(my $found = $wanted, undef, undef, undef) < 0;
    reap() if vec($found, fileno($ended), 1);
    if (vec($found, fileno(STDIN), 1)) {
        my $read = sysread STDIN, $orders, 65536, length $orders;
        last if defined $read && $read == 0;
        obey() if $read;
    }
}
unlink $address;
rmdir dirname($address);

sub open_place {
    my $place = $opened++;
    $ready{$place} = [map { connected("$place $_\n") } @streams];
}

# Nothing is ever read from it here: every byte that comes is git's.
sub connected {
    my ($line) = @_;
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die "no socket: $!";
    connect($socket, pack_sockaddr_un($address)) or die "no connection to the server: $!";
    syswrite $socket, $line;
    return $socket;
}

sub obey {
    while (length $orders >= 4 && length $orders >= 4 + unpack 'N', $orders) {
        my ($what, @fields) = split /\0/, unpack('N/a', $orders), -1;
        substr $orders, 0, 4 + unpack('N', $orders), '';
        if ($what eq 'environment') { %environment = map { split /=/, $_, 2 } @fields }
        elsif ($what eq 'start') { start(@fields) }
        else { deliver(@fields) }
    }
}

sub start {
    my ($place, $count, @rest) = @_;
    my @arguments = splice @rest, 0, $count;
    my $sockets = delete $ready{$place};
    # A signal for what is being started must not meet the handlers of this one.
    POSIX::sigprocmask(SIG_BLOCK, $all_signals, my $before = POSIX::SigSet->new);
    my $pid = fork;
    become_git($sockets, \@arguments, \@rest, $before) if defined $pid && $pid == 0;
    POSIX::sigprocmask(SIG_SETMASK, $before);
    if (!defined $pid) { report($place, "failed $!") }
    else { $place_of{$pid} = $place }
    open_place();
}

sub become_git {
    my ($sockets, $arguments, $own, $before) = @_;
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE CHLD);
    POSIX::sigprocmask(SIG_SETMASK, $before);
    POSIX::dup2(fileno $sockets->[$_], $_) for 0 .. 2;
    %ENV = (%environment, map { split /=/, $_, 2 } @$own);
    # Whoever waits for it hears why not on its standard error.
    exec { 'git' } 'git', @$arguments or print STDERR "git could not be started: $!\n";
    POSIX::_exit(127);
}

sub reap {
    sysread $ended, my $ignored, 4096;
    while ((my $pid = waitpid -1, WNOHANG) > 0) {
        my $place = delete $place_of{$pid};
        report($place, WIFEXITED($?) ? WEXITSTATUS($?) : -1) if defined $place;
    }
}

sub deliver {
    my ($wanted, $signal) = @_;
    for my $pid (keys %place_of) {
        kill $signal, $pid if $place_of{$pid} eq $wanted;
    }
}

sub report {
    my ($place, $news) = @_;
    syswrite STDOUT, "$place $news\n";
}
